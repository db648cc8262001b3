"""S3's buckets that the host names: ``http://bucket.localhost:4566/key`` becomes ``http://localhost:4566/bucket/key``.

From there on everybody reads one way, moto as well as who asks what a role may do; moto alone would cut the bucket's
name at its first dot. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

from typing import Any

from localcloud.front.refusals import service_of

BELOW = ".localhost"
S3_CONTROL = "/v20180820/"  # its host begins with an account's id
PATHS = ("PATH_INFO", "REQUEST_URI", "RAW_URI")
SENT = "localcloud.sent"  # the host and the path as they were signed


def by_path(environ: dict[str, Any]) -> dict[str, Any]:
    """The request with its bucket in the path, whichever way it came."""
    name, _, port = environ.get("HTTP_HOST", "").lower().partition(":")
    if not name.endswith(BELOW) or service_of(environ) != "s3" or environ["PATH_INFO"].startswith(S3_CONTROL):
        return environ
    bucket = name.removesuffix(BELOW)
    there = {key: f"/{bucket}{environ[key]}" for key in PATHS if key in environ}
    sent = (environ["HTTP_HOST"], environ.get("RAW_URI") or environ["PATH_INFO"])
    return {**environ, **there, SENT: sent, "HTTP_HOST": f"{BELOW[1:]}:{port}"}
