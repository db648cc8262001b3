"""Which permissions an S3 request needs, by method, path, query and headers. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, unquote

from localcloud.iam.permissions import RequiredPermission

OBJECT_SUBRESOURCES = {
    "acl": "Acl",
    "tagging": "Tagging",
    "legal-hold": "LegalHold",
    "retention": "Retention",
    "attributes": "Attributes",
}
VERBS = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete", "POST": "Put"}


def needs(method: str, path: str, query: str, headers: Mapping[str, str]) -> list[RequiredPermission]:
    """``path`` is /bucket or /bucket/key, as sent; header names are in lower case."""
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    asked = {name: found[0] for name, found in parse_qs(query, keep_blank_values=True).items()}
    if not bucket:
        return [RequiredPermission("s3:ListAllMyBuckets")]
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        return _on_bucket(method, arn, asked)
    if source := headers.get("x-amz-copy-source"):
        return [_source(source), RequiredPermission("s3:PutObject", f"{arn}/{key}")]
    found = [RequiredPermission(f"s3:{_on_object(method, asked)}", f"{arn}/{key}")]
    if method == "PUT" and "x-amz-tagging" in headers:
        found.append(RequiredPermission("s3:PutObjectTagging", f"{arn}/{key}"))
    return found


def missing(path: str) -> list[RequiredPermission]:
    """What it takes to be told that an object is not there: without it S3 says 403, not 404.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    return [RequiredPermission("s3:ListBucket", f"arn:aws:s3:::{unquote(path).lstrip('/').partition('/')[0]}")]


def _source(header: str) -> RequiredPermission:
    path, _, query = header.partition("?")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    version = "Version" if "versionId" in parse_qs(query) else ""
    return RequiredPermission(f"s3:GetObject{version}", f"arn:aws:s3:::{bucket}/{key}")


def _on_object(method: str, asked: Mapping[str, str]) -> str:
    if "uploadId" in asked or "uploads" in asked:
        return {"GET": "ListMultipartUploadParts", "DELETE": "AbortMultipartUpload"}.get(method, "PutObject")
    version = "Version" if "versionId" in asked and method != "PUT" else ""
    subresource = next((name for word, name in OBJECT_SUBRESOURCES.items() if word in asked), "")
    return f"{VERBS[method]}Object{version}{subresource}"


def _on_bucket(method: str, arn: str, asked: Mapping[str, str]) -> list[RequiredPermission]:
    if method == "GET" and "versions" in asked:
        return [RequiredPermission("s3:ListBucketVersions", arn, _prefix(asked))]
    if method == "GET" and "uploads" in asked:
        return [RequiredPermission("s3:ListBucketMultipartUploads", arn)]
    plain = not asked or {"list-type", "prefix", "delimiter", "max-keys", "marker"} & set(asked)
    if method == "HEAD" or (method == "GET" and plain):
        return [RequiredPermission("s3:ListBucket", arn, _prefix(asked))]
    if method == "POST" and "delete" in asked:
        return [RequiredPermission("s3:DeleteObject", f"{arn}/*")]  # the keys stand in the body
    if not asked:
        return [
            RequiredPermission({"PUT": "s3:CreateBucket", "DELETE": "s3:DeleteBucket"}.get(method, "s3:PutObject"), arn)
        ]
    word = "".join(part.title() for part in next(iter(asked)).split("-"))
    return [RequiredPermission(f"s3:{VERBS[method]}Bucket{word}", arn)]


def _prefix(asked: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {"s3:prefix": (asked["prefix"],)} if asked.get("prefix") else {}
