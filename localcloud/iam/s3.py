"""Which permissions an S3 request needs, by method, path, query and headers. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.parsers.expat import ExpatError

import xmltodict

from localcloud.iam.permissions import RequiredPermission
from localcloud.s3_places import copied_from, place_at

OBJECT_SUBRESOURCES = {
    "acl": "Acl",
    "tagging": "Tagging",
    "legal-hold": "LegalHold",
    "retention": "Retention",
    "attributes": "Attributes",
}
OF_LISTS = frozenset({
    "list-type", "prefix", "delimiter", "max-keys", "marker", "encoding-type", "continuation-token", "start-after",
    "fetch-owner", "key-marker", "version-id-marker",
    "AWSAccessKeyId", "Signature", "Expires",  # of a link
})  # fmt: skip
# Of a bucket's subresources, what no rule says: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
CONFIGURATIONS = {
    "encryption": "EncryptionConfiguration", "lifecycle": "LifecycleConfiguration",
    "replication": "ReplicationConfiguration", "accelerate": "AccelerateConfiguration",
    "analytics": "AnalyticsConfiguration", "inventory": "InventoryConfiguration", "metrics": "MetricsConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration", "object-lock": "BucketObjectLockConfiguration",
}  # fmt: skip
DELETED = ("policy", "website")  # by actions of their own; who takes away another configuration needs to put it
VERBS = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete", "POST": "Put"}


def needs(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes = b""
) -> list[RequiredPermission]:
    """``path`` is /bucket or /bucket/key, as sent; header names are in lower case.

    Raises:
        NotImplementedError: a form is posted to a bucket, which says in itself who may.
    """
    bucket, key = place_at(path)
    asked = {name: found[0] for name, found in parse_qs(query, keep_blank_values=True).items()}
    if not bucket:
        return [RequiredPermission("s3:ListAllMyBuckets")]
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        return _deletes(arn, body) if method == "POST" and "delete" in asked else _on_bucket(method, arn, asked)
    if source := headers.get("x-amz-copy-source"):
        return [_source(source), RequiredPermission("s3:PutObject", f"{arn}/{key}")]
    found = [RequiredPermission(f"s3:{action}", f"{arn}/{key}") for action in _on_object(method, asked)]
    if method == "PUT" and "x-amz-tagging" in headers:
        found.append(RequiredPermission("s3:PutObjectTagging", f"{arn}/{key}"))
    return found


def missing(path: str) -> list[RequiredPermission]:
    """What it takes to be told that an object is not there: without it S3 says 403, not 404.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    return [RequiredPermission("s3:ListBucket", f"arn:aws:s3:::{place_at(path).bucket}")]


def _source(header: str) -> RequiredPermission:
    (bucket, key), query = copied_from(header)
    version = "Version" if "versionId" in parse_qs(query) else ""
    return RequiredPermission(f"s3:GetObject{version}", f"arn:aws:s3:::{bucket}/{key}")


def _on_object(method: str, asked: Mapping[str, str]) -> list[str]:
    """Everything that the query names: who answers looks for one thing first, and we may for another."""
    found = []
    if "uploadId" in asked or "uploads" in asked:
        of_upload = {"GET": "ListMultipartUploadParts", "DELETE": "AbortMultipartUpload"}
        found.append(of_upload.get(method, "PutObject"))
    version = "Version" if "versionId" in asked and method != "PUT" else ""
    subresources = [name for word, name in OBJECT_SUBRESOURCES.items() if word in asked]
    found += [f"{VERBS[method]}Object{version}{name}" for name in subresources]
    return found or [f"{VERBS[method]}Object{version}"]


def _deletes(arn: str, body: bytes) -> list[RequiredPermission]:
    """Each key of several that are deleted at once, read as moto reads them; of what cannot be read, any key.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
    """
    try:
        found = xmltodict.parse(body, strip_whitespace=False)["Delete"]["Object"]
    except (ExpatError, KeyError, TypeError):
        return [RequiredPermission("s3:DeleteObject", f"{arn}/*")]
    objects = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
    return [
        RequiredPermission(
            f"s3:DeleteObject{'Version' if one.get('VersionId') else ''}", f"{arn}/{one.get('Key') or '*'}"
        )
        for one in objects
    ] or [RequiredPermission("s3:DeleteObject", f"{arn}/*")]


def _on_bucket(method: str, arn: str, asked: Mapping[str, str]) -> list[RequiredPermission]:
    if method == "GET" and "versions" in asked:
        return [RequiredPermission("s3:ListBucketVersions", arn, _prefix(asked))]
    if method == "GET" and "uploads" in asked:
        return [RequiredPermission("s3:ListBucketMultipartUploads", arn)]
    if method == "HEAD":
        return [RequiredPermission("s3:ListBucket", arn, _prefix(asked))]
    words = [word for word in asked if word not in OF_LISTS and not word.lower().startswith(("x-amz-", "x-id"))]
    if method == "GET" and not words:
        return [RequiredPermission("s3:ListBucket", arn, _prefix(asked))]
    if not words:
        if method not in ("PUT", "DELETE"):
            raise NotImplementedError("A form to a bucket says in itself who may post it: that is not played")
        return [RequiredPermission({"PUT": "s3:CreateBucket", "DELETE": "s3:DeleteBucket"}[method], arn)]
    return [RequiredPermission(f"s3:{_configures(method, word)}", arn) for word in words]


def _configures(method: str, word: str) -> str:
    verb = "Put" if method == "DELETE" and word not in DELETED else VERBS[method]
    plain = "Bucket" + "".join(part.title() for part in word.split("-"))
    return f"{verb}{CONFIGURATIONS.get(word, plain)}"


def _prefix(asked: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {"s3:prefix": (asked["prefix"],)} if asked.get("prefix") else {}
