"""The data bucket: uploads, immutable copies, published configuration, step outputs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any, NamedTuple

from app.aws.clients import PATIENT, calling, client
from app.decide.costs.prices import BadPrices, Prices, of_text
from app.decide.names.bucket_keys import ANSWERED_BY, PRICES, UPLOADED_BY, config_key, split_uri, version_key
from app.decide.names.shown_text import readable_json, shown
from app.decide.protection.older_publications import bound
from app.decide.uploads.published_model import Model
from app.decide.uploads.standing import StoredVersion
from app.decide.uploads.unheard import Marker, StoredObject, listed
from app.errors import BadMessage, Gone, UnknownModel

ONE_CALL_COPY = 5 * 1024**3  # bytes. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
CHUNK = 262_144  # bytes
LARGEST_PRICES = 262_144  # bytes
LONGEST_LINE = 16 * 1024**2  # bytes: more than a request of 6 MB and its answer take in base64
PAGE = 1000  # versions of a listing


def read_json(uri: str, version_id: str = "") -> Any:
    """The JSON document at an ``s3://`` address, or one version of it.

    Raises:
        BadMessage: what is there is no JSON, or nested beyond reading.
    """
    bucket, key = split_uri(uri)
    version = {"VersionId": version_id} if version_id else {}
    with calling():
        body = client("s3").get_object(Bucket=bucket, Key=key, **version)["Body"].read()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"{shown(uri)} is no JSON document ({shown(str(error))})") from error


class Text(NamedTuple):
    """What a text is, and which version of its object."""

    text: str | None  # None where it is larger than was asked for
    version_id: str


def read_text(uri: str, most_bytes: int) -> Text:
    """The text at an ``s3://`` address, if it is no larger than ``most_bytes``."""
    bucket, key = split_uri(uri)
    with calling():
        response = client("s3").get_object(Bucket=bucket, Key=key)
        if response["ContentLength"] > most_bytes:
            return Text(None, response["VersionId"])
        return Text(response["Body"].read().decode("utf-8", errors="replace"), response["VersionId"])


def published(bucket: str, model: str) -> Model:
    """The published configuration of ``model``.

    Raises:
        UnknownModel: it is not published.
    """
    try:
        with calling():
            response = client("s3").get_object(Bucket=bucket, Key=config_key(model))
            return Model.parse(response["Body"].read())
    except Gone as error:
        raise UnknownModel(f"model '{model}' is not published") from error


def published_for_run(bucket: str, model: str, pipeline_version: int | None) -> tuple[Model, Model | None]:
    """What a run of a version of ``model``'s pipeline is planned by, and what is published now, where that is another
    publication and binds it, too. Without a version, runs are planned by what is published now.

    A pipeline version that ``retrain publish`` did not make has blank hashes.

    Raises:
        UnknownModel: nothing is published now.
    """
    current = published(bucket, model)
    if pipeline_version is None:
        return current, None
    try:
        with calling():
            response = client("s3").get_object(Bucket=bucket, Key=version_key(model, pipeline_version))
            older = Model.parse(response["Body"].read())
    except Gone:
        if current.pipeline.version == pipeline_version:
            return current, None
        other = current.pipeline._replace(version=pipeline_version)
        older = current._replace(pipeline=other, tuned_pipeline=None, model_sha256="", code_sha256="")
    return bound(older, current), current


def prices(bucket: str) -> Prices | None:
    """The price table that was published; None where the app's own is meant, or what is there is none."""
    try:
        text = read_text(f"s3://{bucket}/{PRICES}", LARGEST_PRICES).text
        return of_text(text) if text else None
    except (Gone, BadPrices):
        return None


def published_names(bucket: str) -> list[str]:
    """The models that are published."""
    prefix = config_key("").removesuffix(".json")
    return [key.removeprefix(prefix).removesuffix(".json") for key in _names(bucket, prefix)]


def stream(bucket: str, key: str, version_id: str) -> Iterator[bytes]:
    """The bytes of one object version.

    Raises:
        Gone: it was deleted.
    """
    with calling():
        response = client("s3").get_object(Bucket=bucket, Key=key, VersionId=version_id)
    yield from _chunks(response["Body"])


def uploader(bucket: str, key: str, version_id: str) -> str:
    """Who uploaded an object version, as ``retrain upload`` says in its metadata; "" where nobody said.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    with calling():
        response = client("s3").head_object(Bucket=bucket, Key=key, VersionId=version_id)
    return str(response.get("Metadata", {}).get(UPLOADED_BY, ""))


def lines(bucket: str, key: str) -> Iterator[str]:
    """The lines of a text object; a byte that is not UTF-8 is a lone surrogate in its line, which no text holds, and
    of a line beyond ``LONGEST_LINE`` the rest is left out.

    Source: https://docs.python.org/3/library/codecs.html#error-handlers (surrogateescape)

    Raises:
        Gone: there is none.
    """
    with calling():
        response = client("s3").get_object(Bucket=bucket, Key=key)
        yield from (line.decode(errors="surrogateescape") for line in _parted(response["Body"].iter_chunks(CHUNK)))


def _parted(chunks: Iterable[bytes]) -> Iterator[bytes]:
    pending, cut = b"", False
    for chunk in chunks:
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            if not cut:
                yield line.removesuffix(b"\r")
            cut = False
        if len(pending) > LONGEST_LINE and not cut:
            yield pending[:LONGEST_LINE]
            cut = True
        pending = b"" if cut else pending
    if pending:
        yield pending.removesuffix(b"\r")


def put_file(bucket: str, key: str, file: IO[bytes], metadata: Mapping[str, str] | None = None) -> None:
    """Write a file, in parts where it is large, with ``metadata`` of its own."""
    extra = {"ExtraArgs": {"Metadata": dict(metadata)}} if metadata else {}
    with calling():
        client("s3").upload_fileobj(file, bucket, key, **extra)


def scored_file(bucket: str, key: str) -> tuple[str, Iterator[bytes]]:
    """Which version answered a scored file, "" where that is not said, and its bytes.

    Raises:
        Gone: it was deleted.
    """
    with calling():
        response = client("s3").get_object(Bucket=bucket, Key=key)
    return str(response.get("Metadata", {}).get(ANSWERED_BY, "")), _chunks(response["Body"])


def _chunks(body: Any) -> Iterator[bytes]:
    with calling():
        yield from body.iter_chunks(CHUNK)


def read_bytes(bucket: str, key: str) -> bytes:
    """The bytes of a small object.

    Raises:
        Gone: there is none.
    """
    with calling():
        return bytes(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def put_bytes(bucket: str, key: str, body: bytes) -> None:
    """Write a small object."""
    with calling():
        client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def put_text(bucket: str, key: str, text: str) -> None:
    """Write a text."""
    put_bytes(bucket, key, text.encode())


def put_json(bucket: str, key: str, document: Any) -> None:
    """Write a JSON document that a person may look at, too."""
    body = readable_json(document).encode()
    with calling():
        client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def copy(bucket: str, source: str, version_id: str, target: str, size_bytes: int) -> None:
    """Copy one object version, server side."""
    origin = {"Bucket": bucket, "Key": source, "VersionId": version_id}
    with calling():
        if size_bytes <= ONE_CALL_COPY:
            client("s3", PATIENT).copy_object(Bucket=bucket, Key=target, CopySource=origin, TaggingDirective="REPLACE")
        else:
            client("s3", PATIENT).copy(origin, bucket, target, ExtraArgs={"TaggingDirective": "REPLACE"})  # in parts


def copy_missing(bucket: str, prefix: str, copies: dict[str, tuple[str, str, int]]) -> set[str]:
    """Copy those of ``copies`` (name below ``prefix`` -> key, version, bytes) that do not exist yet, in parallel; the
    names of those that are gone.
    """
    if not copies:
        return set()
    present = set(_names(bucket, prefix + "objects/")) if len(copies) > 1 else set()
    missing = [(name, origin) for name, origin in copies.items() if prefix + name not in present]
    with ThreadPoolExecutor(max_workers=min(16, len(missing) or 1)) as pool:
        copying = {
            name: pool.submit(copy, bucket, key, version, prefix + name, size) for name, (key, version, size) in missing
        }
    return {name for name, future in copying.items() if _is_gone(future)}


def _is_gone(copying: "Future[None]") -> bool:
    try:
        copying.result()
    except Gone:
        return True
    return False


def versions(bucket: str, prefix: str) -> list[StoredVersion]:
    """Every object version below ``prefix``, newest first by key, with the delete markers that hide their keys.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html: versions come in the order in
    which they were stored, the most recent first; delete markers come in a list of their own.
    """
    markers: list[StoredVersion] = []
    found: list[StoredVersion] = []
    with calling():
        for page in client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            hiding = (marker for marker in page.get("DeleteMarkers", []) if marker["IsLatest"])
            markers += (StoredVersion(marker["Key"], marker["VersionId"], True) for marker in hiding)
            found += (StoredVersion(one["Key"], one["VersionId"], False) for one in page.get("Versions", []))
    return markers + found


def stored_objects(bucket: str, prefix: str, after: Marker) -> tuple[list[StoredObject], Marker | None]:
    """The newest versions on one page of a prefix, and where the next page begins; None after the last."""
    begin = {"KeyMarker": after.key, "VersionIdMarker": after.version_id} if after.key else {}
    with calling():
        page = client("s3").list_object_versions(Bucket=bucket, Prefix=prefix, MaxKeys=PAGE, **begin)
    following = Marker(page["NextKeyMarker"], page.get("NextVersionIdMarker", "")) if page["IsTruncated"] else None
    return list(listed(page)), following


def keys_from(bucket: str, prefix: str, first: str) -> Iterator[str]:
    """The keys of a prefix from ``first`` on, in order.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html (StartAfter)
    """
    begin = {"StartAfter": first} if first else {}
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, **begin)
    with calling():
        for page in pages:
            yield from (entry["Key"] for entry in page.get("Contents", []))


def _names(bucket: str, prefix: str) -> Iterator[str]:
    with calling():
        for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (entry["Key"] for entry in page.get("Contents", []))


def delete_version(bucket: str, key: str, version_id: str) -> None:
    """Delete one object version for good; an older one becomes current again."""
    with calling():
        client("s3").delete_object(Bucket=bucket, Key=key, VersionId=version_id)
