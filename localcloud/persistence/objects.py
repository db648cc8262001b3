"""S3 objects: of a key's versions, those that a request made or changed are written; and multipart uploads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

from moto.s3.models import FakeBucket, s3_backends

from localcloud import journaling
from localcloud.s3_places import place_of

RECORDED = "localcloud_recorded"  # an attribute of a version: it is in the journal as it is
OF_A_VERSION = ("tagging", "acl", "retention", "legal-hold", "restore")  # subresources that change a version in place
CHANGES_TAGS = ("HTTP_X_AMZ_TAGGING", "HTTP_X_AMZ_COPY_SOURCE")
Version = Any  # FakeKey or FakeDeleteMarker


def record_request(account: str, operation: str, environ: Mapping[str, Any]) -> None:
    """Record what a request has changed: objects and uploads one by one, the configuration of buckets as a whole."""
    if not journaling.is_enabled() or environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return
    name, key = place_of(environ)
    bucket = s3_backends[account]["aws"].buckets.get(name)
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if bucket is None or not key or CHANGES_TAGS[0] in environ or CHANGES_TAGS[1] in environ or "tagging" in query:
        journaling.flush("s3")
    if bucket is None:
        return
    with journaling.LOCK:  # the last record is the current state
        for changed in [key] if key else _deleted(operation, environ):
            _record(account, bucket, changed, query)
        if "uploadId" in query or "uploads" in query:
            journaling.record(put_uploads, account, bucket.name, dict(bucket.multiparts))


def _deleted(operation: str, environ: Mapping[str, Any]) -> Iterator[str]:
    """The keys that DeleteObjects names."""
    if operation == "DeleteObjects":
        for found in ElementTree.fromstring(environ["wsgi.input"].getvalue()).iter():  # noqa: S314 - moto read it
            if found.tag.rpartition("}")[2] == "Key":
                yield found.text or ""


def _record(account: str, bucket: FakeBucket, key: str, query: Mapping[str, list[str]]) -> None:
    """Record a key's versions: new ones with their content, the others by their ids."""
    versions: list[Version] = list(bucket.keys.getlist(key, []))
    if any(name in query for name in OF_A_VERSION):
        wanted = query.get("versionId", [None])[0]
        for version in versions if wanted is None else [one for one in versions if one.version_id == wanted]:
            version.__dict__.pop(RECORDED, None)
    new = [version for version in versions if RECORDED not in vars(version)]
    for version in new:
        setattr(version, RECORDED, True)
    listed = [version.version_id if version not in new else version for version in versions]
    place = (account, bucket.name, key)
    references = {id(version): (named, *place, version.version_id) for version in versions if version not in new}
    journaling.record_with(references, put_versions, *place, listed)


# --- redo


def put_versions(account: str, bucket: str, key: str, versions: list[str | Version]) -> None:
    """Restore a key's versions, oldest first; those given by id exist already."""
    found = s3_backends[account]["aws"].buckets.get(bucket)
    if found is None:
        return
    there = {version.version_id: version for version in found.keys.getlist(key, [])}
    have = [there.get(version) if isinstance(version, str) else version for version in versions]
    dict.pop(found.keys, key, None)
    if any(have):
        dict.__setitem__(found.keys, key, [version for version in have if version is not None])


def named(account: str, bucket: str, key: str, version_id: str) -> Version:
    """A version that exists."""
    versions = s3_backends[account]["aws"].buckets[bucket].keys.getlist(key, [])
    return next(version for version in versions if version.version_id == version_id)


def put_uploads(account: str, bucket: str, uploads: dict[str, Any]) -> None:
    """Restore a bucket's multipart uploads."""
    found = s3_backends[account]["aws"].buckets.get(bucket)
    if found is not None:
        found.multiparts = uploads
