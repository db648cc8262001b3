"""Which members a request sets that nobody here plays, in whatever protocol it comes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from botocore.model import ServiceModel

from localcloud.front.members.documents import document_of
from localcloud.front.members.unplayed import UNPLAYED
from localcloud.front.members.values import is_looked_at, unplayed_values

OWN = "own"
UNSET: tuple[Any, ...] = (None, "", "false", False, [], {})
OWNERS = ("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", "HTTP_X_AMZ_SOURCE_EXPECTED_BUCKET_OWNER")


@cache
def table(service: str, operation: str) -> Mapping[str, str | None]:
    """The members that are refused, each with the one value that is taken all the same; None: there is none."""
    row = UNPLAYED.get(service, {}).get(operation, "")
    listed = [word.partition("=") for word in row.split() if not word.startswith("~")]
    return {name: value or None for name, _, value in listed}


def refusals(service: str, model: str, operation: str, environ: Mapping[str, Any], account: str) -> list[str]:
    """What of a request to moto's ``service`` nobody plays, each with its name."""
    listed = table(service, operation)
    values = unplayed_values(service, operation, document_of(environ)) if is_looked_at(service, operation) else []
    if not listed:
        return values
    given = dict(_given(model, operation, environ, frozenset(listed)))
    members = [
        f"{name} does not run outside AWS"
        if value is None
        else f"{name} {given[name]} does not run outside AWS: use {account if value == OWN else value}"
        for name, value in listed.items()
        if given.get(name) not in UNSET and str(given[name]) != (account if value == OWN else value)
    ]
    return members or values


def is_of_another_owner(environ: Mapping[str, Any], account: str) -> bool:
    """Whether a request to S3 expects a bucket of another account than this one, which S3 then refuses.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """
    return any(environ[name] != account for name in OWNERS if name in environ)


def _given(model: str, operation: str, environ: Mapping[str, Any], names: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Those of the members that a request has, with their values; of a structure in a form only that it is there."""
    shape: Any = _shape(model, operation)
    in_body = [name for name in names if "location" not in shape.members[name].serialization]
    document = document_of(environ) if in_body else {}
    query = dict(parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True))
    for name in names:
        how = shape.members[name].serialization
        sent_as = how.get("name", name)
        if how.get("location") == "header":
            yield name, environ.get(f"HTTP_{sent_as.upper().replace('-', '_')}")
        elif how.get("location") == "querystring":
            yield name, query.get(sent_as)
        else:
            below = (value for key, value in document.items() if key.startswith(f"{sent_as}."))
            yield name, document.get(sent_as) or next(below, None)


@cache
def _shape(model: str, operation: str) -> Any:
    return ServiceModel(Loader().load_service_model(model, "service-2")).operation_model(operation).input_shape
