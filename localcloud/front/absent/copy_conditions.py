"""On which conditions of its source an object, or a part of one, is copied. Reads moto's objects.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html (which condition counts where two are asked)
and https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html (the same four)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from localcloud.front.malformed.texts import Fault
from localcloud.s3_places import copied_from
from localcloud.settings import ACCOUNT_ID

OPERATIONS = ("CopyObject", "UploadPartCopy")
MATCH = "x-amz-copy-source-if-match"
NONE_MATCH = "x-amz-copy-source-if-none-match"
MODIFIED_SINCE = "x-amz-copy-source-if-modified-since"
UNMODIFIED_SINCE = "x-amz-copy-source-if-unmodified-since"
FAILED = Fault(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    HTTPStatus.PRECONDITION_FAILED,
)


class Source(NamedTuple):
    """What a condition looks at: an object's tag, and when it was last modified, to the second."""

    etag: str
    modified: datetime


def find_fault(service: str, operation: str, environ: Mapping[str, Any]) -> Fault | None:
    """What S3 answers to a copy whose conditions its source does not meet; who copies says of a source that is none."""
    if service != "s3" or operation not in OPERATIONS:
        return None
    asked = {name: environ.get(_environs(name)) for name in (MATCH, NONE_MATCH, MODIFIED_SINCE, UNMODIFIED_SINCE)}
    if not any(asked.values()):
        return None
    source = _source(str(environ.get("HTTP_X_AMZ_COPY_SOURCE", "")))
    return FAILED if source is not None and not holds(asked, source) else None


def holds(asked: Mapping[str, str | None], source: Source) -> bool:
    """Whether a source meets the conditions of these headers; a tag counts before a date of its own kind."""
    if tag := asked.get(MATCH):
        is_as_known = _is_tag(tag, source.etag)
    else:
        since = _date(asked.get(UNMODIFIED_SINCE))
        is_as_known = since is None or source.modified <= since
    if tag := asked.get(NONE_MATCH):
        return is_as_known and not _is_tag(tag, source.etag)
    since = _date(asked.get(MODIFIED_SINCE))
    return is_as_known and (since is None or source.modified > since)


def _is_tag(asked: str, etag: str) -> bool:
    return asked.strip() == "*" or asked.strip().strip('"') == etag.strip('"')


def _date(said: str | None) -> datetime | None:
    """The date of a header; None for what is no date, which counts as not said.

    Source: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.3
    """
    try:
        found = parsedate_to_datetime(said or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _environs(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _source(header: str) -> Source | None:
    """The object that a copy is made of; None where there is none."""
    from moto.s3.models import FakeKey, s3_backends  # which has to be configured first

    place, query = copied_from(header)
    backend = s3_backends[ACCOUNT_ID]["aws"]
    if place.bucket not in backend.buckets:
        return None
    found = backend.get_object(place.bucket, place.key, version_id=parse_qs(query).get("versionId", [None])[0])
    if not isinstance(found, FakeKey):
        return None
    modified = found.last_modified.replace(microsecond=0)
    return Source(found.etag, modified if modified.tzinfo else modified.replace(tzinfo=UTC))
