"""What a job reads from S3 and writes to it, as SageMaker lays it out in folders."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError

from localcloud import archives

BIG = 64 * 1024 * 1024  # bytes; from here on an upload goes in parts


class DataProblem(Exception):
    """A job's input cannot be fetched or laid out; the message is the customer's."""


def split(uri: str) -> tuple[str, str]:
    """``s3://bucket/some/key`` -> ``("bucket", "some/key")``.

    Raises:
        DataProblem: not an S3 URI.
    """
    if not uri.startswith("s3://") or len(uri) == len("s3://"):
        raise DataProblem(f"{uri} is not an S3 URI")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def get(s3: Any, uri: str, version: str | None = None) -> bytes:
    """One object's bytes, of its newest version unless another is named.

    Raises:
        DataProblem: there is none.
    """
    bucket, key = split(uri)
    try:
        named = {"VersionId": version} if version else {}
        body: bytes = s3.get_object(Bucket=bucket, Key=key, **named)["Body"].read()
    except ClientError as error:
        raise DataProblem(f"Data download failed: {uri}: {error.response['Error']['Message']}") from error
    return body


def fetch(s3: Any, source: Mapping[str, Any], folder: Path, host: int = 0, hosts: int = 1) -> int:
    """Lay an input out in ``folder`` and answer the number of files.

    ``source`` has S3Uri, S3DataType (S3Prefix, ManifestFile) and S3DataDistributionType (FullyReplicated,
    ShardedByS3Key: host ``host`` of ``hosts`` gets its share of the objects).

    Raises:
        DataProblem: nothing there, or names that no folder can hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = objects_of(s3, source)
    if source.get("S3DataDistributionType") == "ShardedByS3Key":
        found = found[host::hosts]
    for uri, relative in found:
        _save(folder, relative, get(s3, uri))
    return len(found)


def fetch_if_any(s3: Any, uri: str, folder: Path) -> None:
    """Lay out every object below a prefix; there may be none."""
    folder.mkdir(parents=True, exist_ok=True)
    for found, relative in _prefix(s3, uri):
        _save(folder, relative, get(s3, found))


def objects_of(s3: Any, source: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The URI of every object of an input, by name, with the name that it has below the input.

    Raises:
        DataProblem: there is none.
    """
    kind = source.get("S3DataType") or "S3Prefix"
    if kind not in LISTERS:
        raise DataProblem(f"S3DataType {kind} does not run outside AWS ({', '.join(LISTERS)} do)")
    found = sorted(LISTERS[kind](s3, source["S3Uri"]))
    if not found:
        raise DataProblem(f"Data download failed: no S3 objects found under S3 URL {source['S3Uri']}")
    return found


def upload(s3: Any, folder: Path, uri: str, seen: dict[Path, tuple[int, int]] | None = None) -> int:
    """Put every file of ``folder`` under ``uri``; with ``seen``, only those that changed since. Answers how many."""
    bucket, prefix = split(uri.rstrip("/"))
    count = 0
    for path in _files(folder):
        state = path.stat()
        mark = (state.st_mtime_ns, state.st_size)
        if seen is not None and seen.get(path) == mark:
            continue
        relative = path.relative_to(folder).as_posix()
        put_file(s3, path, bucket, f"{prefix}/{relative}" if prefix else relative)
        if seen is not None:
            seen[path] = mark
        count += 1
    return count


def put_file(s3: Any, path: Path, bucket: str, key: str) -> None:
    """Put one file.

    Raises:
        DataProblem: S3 refuses it.
    """
    try:
        if path.stat().st_size >= BIG:
            s3.upload_file(str(path), bucket, key)
        else:
            s3.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    except (ClientError, S3UploadFailedError) as error:
        raise DataProblem(f"Data upload failed: s3://{bucket}/{key}: {error}") from error


def put(s3: Any, body: bytes, uri: str) -> None:
    """Put one object.

    Raises:
        DataProblem: S3 refuses it.
    """
    bucket, key = split(uri)
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        raise DataProblem(f"Data upload failed: {uri}: {error}") from error


def pack(folder: Path, target: Path) -> None:
    """``folder``'s content as a tar.gz, names relative to it."""
    with tarfile.open(target, "w:gz", compresslevel=1) as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)


def unpack(archive: bytes, folder: Path) -> None:
    """Open a tar.gz into ``folder``.

    Raises:
        DataProblem: not an archive, or one that would write outside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        archives.extract(archive, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataProblem(f"cannot open the model archive: {error}") from error


def _prefix(s3: Any, uri: str) -> Iterator[tuple[str, str]]:
    bucket, prefix = split(uri)
    for key in _keys(s3, bucket, prefix):
        yield f"s3://{bucket}/{key}", relative_name(key, prefix)


def relative_name(key: str, prefix: str) -> str:
    """Where below the input's folder an object lies: after the prefix's folder, or just its name."""
    if key == prefix:
        return PurePosixPath(key).name
    folder = prefix if prefix.endswith("/") or not prefix else prefix + "/"
    if key.startswith(folder):
        return key[len(folder) :]
    return key[prefix.rfind("/") + 1 :]


def _manifest(s3: Any, uri: str) -> Iterator[tuple[str, str]]:
    try:
        entries = json.loads(get(s3, uri))
        prefix = entries[0]["prefix"]
    except (ValueError, LookupError, TypeError) as error:
        raise DataProblem(f"the manifest {uri} is not a list that starts with a prefix") from error
    for name in entries[1:]:
        yield f"{prefix}{name}", name


LISTERS: Mapping[str, Callable[[Any, str], Iterable[tuple[str, str]]]] = {
    "S3Prefix": _prefix,
    "ManifestFile": _manifest,
}


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (entry["Key"] for entry in page.get("Contents", []) if not entry["Key"].endswith("/"))
    except ClientError as error:
        raise DataProblem(f"Data download failed: s3://{bucket}/{prefix}: {error}") from error


def _save(folder: Path, relative: str, body: bytes) -> None:
    parts = [part for part in relative.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in relative:
        raise DataProblem(f"Data download failed: the key {relative!r} does not fit below the input's folder")
    target = folder.joinpath(*parts)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    except OSError as error:
        raise DataProblem(f"Data download failed: the key {relative!r} cannot be a file: {error.strerror}") from error


def _files(folder: Path) -> Iterator[Path]:
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(where, name)
            if path.is_file():
                yield path
