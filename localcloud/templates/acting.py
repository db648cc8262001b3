"""As whom CloudFormation calls other services: as whoever asks it to make, change or take away a stack.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html: without a service
role it uses the permissions of the principal that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from localcloud.front import credentials
from localcloud.settings import ACCESS_KEY, Cloud

P = ParamSpec("P")
_key: ContextVar[str] = ContextVar("key", default=ACCESS_KEY)


def client(cloud: Cloud, service: str, region: str) -> Any:
    """A boto3 client of a service that is called as whoever asked."""
    return cloud.client(service, region, _key.get())


@contextmanager
def for_caller(cloud: Cloud, headers: Mapping[str, str], address: str) -> Iterator[None]:
    """Call as whoever signed this request of CloudFormation, where policies are enforced; else as the cloud itself."""
    signed = {"HTTP_AUTHORIZATION": headers.get("Authorization", ""), "QUERY_STRING": urlsplit(address).query}
    known = credentials.of(signed) if cloud.enforce_iam else None
    before = _key.set(known.key if known else ACCESS_KEY)
    try:
        yield
    finally:
        _key.reset(before)


def going_on(fn: Callable[P, object]) -> Callable[P, object]:
    """``fn``, which a thread of its own runs, as whoever asked for it."""
    return partial(copy_context().run, fn)
