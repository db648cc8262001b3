"""An answer on its way out: moto's status, headers and body as the service itself would send them."""

from __future__ import annotations

import base64
import json
import re
import secrets
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from localcloud.front.answers.always import ALWAYS
from localcloud.front.answers.shaping import shaped
from localcloud.front.malformed.texts import speaks_query
from localcloud.front.members.documents import document_of

Start = Callable[..., Any]
Headers = list[tuple[str, str]]
UNSPECIFIC = ("text/html", "text", "text/plain")  # what moto says where it says nothing
TRUNCATED = "<IsTruncated>"
CRC32 = "x-amz-crc32"


def send(
    app: Callable[..., Iterable[bytes]], model: str, operation: str | None, environ: dict[str, Any], start: Start
) -> Iterable[bytes]:
    """Let ``app`` answer, and start and give the answer as AWS's service would."""
    told: list[Any] = []

    def hold(status: str, headers: Headers, *_: Any) -> None:
        told[:] = [status, headers]

    body = app(environ, hold)
    status, headers = int(told[0].split()[0]), _with_ids(model, told[1])
    known = _operation(model, operation) if operation else None
    protocol = _protocol(model, environ)
    if model == "s3":
        start(told[0], _of_s3(str(operation), status, headers))
        return body
    if known is not None and status < HTTPStatus.MULTIPLE_CHOICES:
        unspecific = _content_type(headers) in UNSPECIFIC
        said, body = body, _body(known, protocol, body, unspecific, environ)
        if body is not said:
            headers = _with_checksum(headers, b"".join(body))
        status = _status(known, protocol, status)
    start(f"{status} {HTTPStatus(status).phrase}", _typed(model, protocol, headers))
    return body


def _body(
    operation: OperationModel, protocol: str, body: Iterable[bytes], unspecific: bool, environ: Mapping[str, Any]
) -> Iterable[bytes]:
    shape: Any = operation.output_shape
    mend = ALWAYS.get((operation.service_model.service_name, operation.name))
    if shape is None or shape.serialization.get("payload"):
        return body
    if protocol == "query":
        return _whole(body, _truncated) if "IsTruncated" in shape.members else body
    if not protocol.endswith("json") or not (unspecific or mend):
        return body

    def made(content: bytes) -> bytes:
        answer = shaped(shape, json.loads(content or b"{}"))
        if mend is not None:
            mend(answer, document_of(environ))
        return json.dumps(answer).encode()

    return _whole(body, made)


def _with_checksum(headers: Headers, content: bytes) -> Headers:
    """DynamoDB's checksum, where moto sent one, of what is sent now: a client that finds another one asks again.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
    (x-amz-crc32: "a CRC32 checksum of the HTTP payload")
    """
    return [(name, str(zlib.crc32(content))) if name.lower() == CRC32 else (name, value) for name, value in headers]


def _whole(body: Iterable[bytes], made: Callable[[bytes], bytes]) -> Iterable[bytes]:
    content = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return [made(content)]


def _truncated(content: bytes) -> bytes:
    """A list of IAM's that says that it is whole, which AWS always says one way or the other."""
    if TRUNCATED.encode() in content:
        return content
    name = content.rpartition(b"Result>")[0].rpartition(b"</")[2]
    end = b"</" + name + b"Result>"
    return content.replace(end, b"<IsTruncated>false</IsTruncated>" + end)


@cache
def _model(model: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(model, "service-2"), model)


@cache
def _operation(model: str, operation: str) -> OperationModel | None:
    known = _model(model)
    return known.operation_model(operation) if operation in known.operation_names else None


def _protocol(model: str, environ: Mapping[str, Any]) -> str:
    """Which of its protocols a service was asked in."""
    if "HTTP_SMITHY_PROTOCOL" in environ:
        return "cbor"
    if "HTTP_X_AMZ_TARGET" in environ:
        return "json"
    own = str(_model(model).metadata["protocol"])
    return own if own.startswith("rest-") else "query" if speaks_query(environ) or own == "query" else own


def _status(operation: OperationModel, protocol: str, status: int) -> int:
    """The status that the operation has when it succeeds; some say by it what they did."""
    shape: Any = operation.output_shape
    members = shape.members.values() if shape is not None else ()
    if protocol != "rest-json" or any(one.serialization.get("location") == "statusCode" for one in members):
        return status
    return int(operation.http.get("responseCode", status))


def _typed(model: str, protocol: str, headers: Headers) -> Headers:
    """The headers with the protocol's content type, where moto named none."""
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    if protocol == "cbor":  # of which SDKs for Go read nothing without this header
        kept = [(name, value) for name, value in kept if name.lower() != "smithy-protocol"]
        kept.append(("smithy-protocol", "rpc-v2-cbor"))
    if _content_type(headers) not in UNSPECIFIC:
        return kept
    version = _model(model).metadata.get("jsonVersion", "1.1")
    kinds = {
        "json": f"application/x-amz-json-{version}", "rest-json": "application/json", "query": "text/xml",
        "cbor": "application/cbor",
    }  # fmt: skip
    kept = [(name, value) for name, value in kept if name.lower() != "content-type"]
    return [*kept, ("Content-Type", kinds.get(protocol, "application/xml"))]


def _content_type(headers: Headers) -> str:
    named = [value for name, value in headers if name.lower() == "content-type"]
    return named[0].partition(";")[0].strip() if named else ""


def _with_ids(model: str, headers: Headers) -> Headers:
    """The headers with the ids of the request, by which AWS's support finds it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html
    """
    names = {name.lower() for name, _ in headers}
    if model != "s3":
        return headers if "x-amzn-requestid" in names else [*headers, ("x-amzn-RequestId", str(uuid.uuid4()))]
    ids = ("x-amz-request-id", secrets.token_hex(8).upper()), ("x-amz-id-2", _host_id())
    return [*(one for one in headers if one[0].lower() != "x-amzn-requestid"), *ids]


def _host_id() -> str:
    return base64.b64encode(secrets.token_bytes(56)).decode()


CHECKSUM = re.compile("x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)")
PARTS = re.compile(r"-\d+$")  # of how many parts' checksums it is one
OF_A_PART = ("UploadPart", "UploadPartCopy", "CreateMultipartUpload")
# What S3 says of how an object is encrypted, which is by its own key unless somebody asked for another.
ENCRYPTED = (
    *("PutObject", "CopyObject", "GetObject", "HeadObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy"),
    "CompleteMultipartUpload",
)


def _of_s3(operation: str, status: int, headers: Headers) -> Headers:
    """S3's headers with the encryption that every object has, and with what a checksum is of.

    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    if operation not in ENCRYPTED or status >= HTTPStatus.MULTIPLE_CHOICES:
        return headers
    named, more = {name.lower(): value for name, value in headers}, []
    if "x-amz-server-side-encryption" not in named:
        more.append(("x-amz-server-side-encryption", "AES256"))
    checksums = [value for name, value in named.items() if CHECKSUM.fullmatch(name)]
    if checksums and operation not in OF_A_PART:
        kind = "COMPOSITE" if PARTS.search(checksums[0]) else "FULL_OBJECT"
        more.append(("x-amz-checksum-type", kind))
    return [*headers, *more]
