"""Whose access key a request is signed with, and for which service, in every way that AWS takes. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html (headers and query
parameters, SigV4 and SigV4a, whose scope names no region) and
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (what S3 took before)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs

SCOPED = re.compile(r"([^/\s,]+)/\d+/(?:[^/\s,]*/)?([^/\s,]+)/aws4_request")
HEADER = re.compile(r"AWS4-(?:HMAC-SHA256|ECDSA-P256-SHA256)\s+(?:.*?[\s,])?Credential=(.*)", re.DOTALL)
OLD_HEADER = re.compile(r"AWS ([^:\s]+):")


LONGEST_LINK = 604_800  # seconds


class Credential(NamedTuple):
    """An access key, and the service that the request is signed for; "" where the signature names none."""

    key: str
    service: str = ""


def of(environ: Mapping[str, Any]) -> Credential | None:
    """The credential of a request; None of one that nobody signed. A header counts before the query."""
    authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
    if authorization:
        return _of_header(authorization)
    query = {name.lower(): found[0] for name, found in parse_qs(str(environ.get("QUERY_STRING", ""))).items()}
    if "x-amz-credential" in query:
        return _scoped(query["x-amz-credential"])
    return Credential(query["awsaccesskeyid"], "s3") if "awsaccesskeyid" in query else None


def link_ended(environ: Mapping[str, Any], now: datetime) -> bool:
    """Whether a request is a link that opens nothing any more, or one that says no time to end.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (X-Amz-Expires) and
    https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (Expires)
    """
    if environ.get("HTTP_AUTHORIZATION"):
        return False
    query = {name.lower(): found[0] for name, found in parse_qs(str(environ.get("QUERY_STRING", ""))).items()}
    try:
        if "x-amz-credential" in query:
            made = datetime.strptime(query["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lasts = int(query["x-amz-expires"])
            return not 0 < lasts <= LONGEST_LINK or now > made + timedelta(seconds=lasts)
        return "awsaccesskeyid" in query and now > datetime.fromtimestamp(int(query["expires"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return True


def _of_header(authorization: str) -> Credential | None:
    if signed := HEADER.match(authorization):
        return _scoped(signed[1])
    old = OLD_HEADER.match(authorization)
    return Credential(old[1], "s3") if old else None


def _scoped(text: str) -> Credential:
    """A key with its scope; of a scope that is none, the key counts all the same."""
    found = SCOPED.match(text)
    return Credential(found[1], found[2]) if found else Credential(re.split(r"[/,\s]", text, maxsplit=1)[0])
