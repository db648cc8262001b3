"""As whom CloudFormation calls other services: as the stack's service role, or, where it has none, as whoever asks it
to make, change or take away the stack.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html: it "always uses that role for
all operations that are performed on that stack", whoever asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from localcloud.front import calls, credentials
from localcloud.iam import checks
from localcloud.settings import ACCESS_KEY, Cloud
from localcloud.templates.errors import TemplateInvalid

SERVICE = "cloudformation.amazonaws.com"
SESSION = "cloudformation/AWSCloudFormation"  # the name of its sessions follows the stroke
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


def take_on(role: str | None, stack_id: str) -> None:
    """Take on a stack's service role, if it has one.

    Raises:
        TemplateInvalid: policies are enforced, and the role is not there or does not trust CloudFormation.
    """
    try:
        if role:
            checks.assume(SERVICE, role, stack_id)
    except checks.Refused as refused:
        raise TemplateInvalid(f"Role {role} is invalid or cannot be assumed") from refused


@contextmanager
def under(cloud: Cloud, role: str | None) -> Iterator[None]:
    """Call as a stack's service role, where policies are enforced; without one as before."""
    if not role or not cloud.enforce_iam:
        yield
        return
    before = _key.set(calls.access_key(SESSION, role))
    try:
        yield
    finally:
        _key.reset(before)


def going_on(fn: Callable[P, object]) -> Callable[P, object]:
    """``fn``, which a thread of its own runs, as whoever asked for it."""
    return partial(copy_context().run, fn)
