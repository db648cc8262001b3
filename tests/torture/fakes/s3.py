"""S3 in memory: one bucket with versions, and the event of each new object."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any

from tests.torture.faults import refusal

BUCKET = "retrain-data"


class Body(io.BytesIO):
    """The body of an answer, as botocore streams it."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk

    def iter_lines(self) -> Iterator[bytes]:
        return (line.rstrip(b"\n") for line in self)


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


class S3:
    """Object versions by key, oldest first."""

    def __init__(self, created: Callable[[dict[str, Any]], None], now: Callable[[], datetime]) -> None:
        self.versions: dict[str, dict[str, bytes]] = {}
        self._stored_at: dict[str, datetime] = {}  # by version
        self._created, self._now = created, now
        self._number = 0

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:
        """PutObject."""
        self._number += 1
        version = f"v{self._number}"
        self.versions.setdefault(Key, {})[version] = Body
        self._stored_at[version] = self._now().replace(microsecond=0)
        self._created({"key": Key, "size": len(Body), "etag": _sha256(Body), "version-id": version})
        return {"VersionId": version}

    def upload_fileobj(self, file: IO[bytes], bucket: str, key: str, **_: Any) -> None:
        """boto3's upload of a file."""
        file.seek(0)
        self.put_object(Bucket=bucket, Key=key, Body=file.read())

    def _body(self, key: str, version: str | None) -> bytes:
        held = self.versions.get(key) or {}
        if version is not None and version not in held:
            raise refusal("NoSuchVersion", key, status=404)
        if not held:
            raise refusal("NoSuchKey", key, status=404)
        return held[version or list(held)[-1]]

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> dict[str, Any]:
        """GetObject."""
        return {"Body": Body(self._body(Key, VersionId))}

    def copy_object(self, *, Bucket: str, Key: str, CopySource: dict[str, str], **_: Any) -> dict[str, Any]:
        """CopyObject."""
        body = self._body(CopySource["Key"], CopySource.get("VersionId"))
        made = self.put_object(Bucket=Bucket, Key=Key, Body=body)
        return made | {"CopyObjectResult": {"ChecksumSHA256": _sha256(body), "ETag": _sha256(body)}}

    def head_object(self, *, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:
        """HeadObject; what is not there has no code but its status."""
        if Key not in self.versions:
            raise refusal("404", "Not Found", "HeadObject", 404)
        version, body = list(self.versions[Key].items())[-1]
        said = {"ChecksumSHA256": _sha256(body), "ETag": _sha256(body)}
        return {"VersionId": version, "ContentLength": len(body)} | said

    def delete_object(self, *, Bucket: str, Key: str, VersionId: str) -> dict[str, Any]:
        """DeleteObject, of one version."""
        held = self.versions.get(Key, {})
        held.pop(VersionId, None)
        if not held:
            self.versions.pop(Key, None)
        return {}

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:
        """ListObjectsV2."""
        return {"Contents": [{"Key": key} for key in sorted(self.versions) if key.startswith(Prefix)]}

    def list_object_versions(self, *, Bucket: str, Prefix: str, MaxKeys: int = 1000) -> dict[str, Any]:
        """ListObjectVersions: by key, newest first; nobody makes delete markers here."""
        found = [
            {
                "Key": key, "VersionId": version, "IsLatest": version == list(held)[-1], "Size": len(held[version]),
                "ETag": _sha256(held[version]), "LastModified": self._stored_at[version],
            }
            for key, held in sorted(self.versions.items())
            if key.startswith(Prefix)
            for version in reversed(held)
        ]  # fmt: skip
        return {"Versions": found, "IsTruncated": False}

    def document(self, key: str) -> Any:
        """The JSON document at a key, for the tests."""
        return json.loads(self._body(key, None))

    def put_json(self, key: str, document: Any) -> None:
        """Write a JSON document, as the jobs of a pipeline do."""
        self.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document).encode())
