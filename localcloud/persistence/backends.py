"""moto's services and backends, each by its place: what there is once in a process is found by name in the next."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from moto.core.base_backend import BackendDict

Place = tuple[str, str, str]  # service, account, region


def services() -> dict[str, Any]:
    """moto's services that somebody used, each by its place: "moto.sqs.models:sqs_backends"."""
    return _services(tuple(id(one) for one in list(BackendDict._instances)))


@lru_cache(maxsize=1)
def _services(used: tuple[int, ...]) -> dict[str, Any]:
    return {
        f"{module.__name__}:{name}": value
        for module in list(sys.modules.values())
        for name, value in list(vars(module).items())
        if id(value) in used and value.backend.__module__ == module.__name__
    }


def service(place: str) -> Any:
    """The service at a place: its backends by account and region."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def named(place: str, account: str, region: str) -> Any:
    """One backend of a service, with what it holds; it is made if it is not there."""
    return service(place)[account][region]


def everywhere() -> Iterator[tuple[Place, Any]]:
    """Every backend that is there, and where."""
    for place, accounts in services().items():
        for account, regions in list(dict.items(accounts)):
            for region, found in list(dict.items(regions)):
                yield (place, account, region), found
