"""What is wrong with a request: in its bytes, and, after a failure, in its shape."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.front.malformed import checksums, s3, shapes, texts

SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
FORM = "application/x-www-form-urlencoded"
TEXT = st.text(st.characters(codec="utf-8"))


def request(
    service: str = "s3", path: str = "/", body: bytes = b"", method: str = "POST", **more: str
) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "RAW_URI": path,
        "HTTP_AUTHORIZATION": SIGNED.format(service),
        "wsgi.input": io.BytesIO(body),
        **more,
    }


def streamed(body: bytes, **more: str) -> str | None:
    kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    fault = s3.find_unread_fault(request("s3", "/b/k", body, "PUT", HTTP_X_AMZ_CONTENT_SHA256=kind, **more))
    return fault.code if fault else None


def shaped(environ: dict[str, Any]) -> str | None:
    fault = shapes.find_fault(environ)
    return fault.code if fault else None


# --- bytes


@given(TEXT)
def test_any_text_is_an_address_when_it_is_encoded(text: str) -> None:
    assert texts.find_fault(request(path="/bucket/" + quote(text))) is None
    assert texts.find_fault(request(path="/bucket?prefix=" + quote_plus(text))) is None


@given(TEXT)
def test_any_text_is_a_form_whether_or_not_it_is_encoded(text: str) -> None:
    for body in (quote_plus(text), text.replace("%", "%25")):
        assert texts.find_fault(request("sns", body=body.encode(), CONTENT_TYPE=FORM)) is None


@given(TEXT, st.booleans())
def test_any_text_is_a_json_document(text: str, escaped: bool) -> None:
    body = json.dumps({"a": text}, ensure_ascii=escaped).encode()

    assert texts.find_fault(request("sqs", body=body, HTTP_X_AMZ_TARGET="AmazonSQS.SendMessage")) is None


@given(st.binary(min_size=1))
def test_bytes_that_are_no_text_are_refused_wherever_they_stand(found: bytes) -> None:
    try:
        found.decode()
        expected = None
    except UnicodeDecodeError:
        expected = True
    encoded = "".join(f"%{byte:02X}" for byte in found)

    assert (texts.find_fault(request(path=f"/{encoded}")) is not None) is bool(expected)
    form = request("sns", body=f"a={encoded}".encode(), CONTENT_TYPE=FORM)
    assert (texts.find_fault(form) is not None) is bool(expected)
    document = request("sqs", body=found, HTTP_X_AMZ_TARGET="AmazonSQS.SendMessage")
    assert (texts.find_fault(document) is not None) is bool(expected)


def test_an_object_and_an_invocation_may_be_any_bytes() -> None:
    assert texts.find_fault(request(path="/bucket/key", body=b"\xff", method="PUT")) is None
    assert texts.find_fault(request("sagemaker", "/endpoints/e/invocations", b"\xff")) is None


# --- shapes


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"stateMachineArn": "arn:x", "input": "{}"}', None),
        (b'{"stateMachineArn": "arn:x", "aNewMember": 1}', None),
        (b'{"input": "{}"}', "ValidationException"),
        (b'{"stateMachineArn": null}', "ValidationException"),
        (b'{"stateMachineArn": ["arn:x"]}', "ValidationException"),
        (b'{"stateMachineArn": "arn:x", "input": NaN}', "SerializationException"),
        (b'"text"', "SerializationException"),
        (b"", "SerializationException"),
    ],
)
def test_a_document_is_held_against_the_operation(body: bytes, code: str | None) -> None:
    asked = request("states", body=body, HTTP_X_AMZ_TARGET="AWSStepFunctions.StartExecution")

    assert shaped(asked) == code


@pytest.mark.parametrize("headers", [{"HTTP_X_AMZ_TARGET": "AWSStepFunctions.NoSuch"}, {}])
def test_an_operation_that_aws_does_not_have_is_named(headers: dict[str, str]) -> None:
    assert shaped(request("states", body=b"{}", **headers)) == "UnknownOperationException"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"Action=Publish&TopicArn=x&Message=y", None),
        (b"Action=Publish&TopicArn=x", "MissingParameter"),
        (b"Action=Publisch&TopicArn=x&Message=y", "InvalidAction"),
        (b"TopicArn=x&Message=y", "MissingAction"),
        (b"", "MissingAction"),
        (b"Action=AddPermission&TopicArn=x&Label=l&AWSAccountId.member.1=1&ActionName.member.1=a", None),
    ],
)
def test_a_form_is_held_against_the_action(body: bytes, code: str | None) -> None:
    assert shaped(request("sns", body=body, CONTENT_TYPE=FORM)) == code


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/2015-03-31/functions", b'{"FunctionName": "f", "Role": "r", "Code": {}}', None),
        ("/2015-03-31/functions", b'{"FunctionName": "f", "Code": {}}', "ValidationException"),
        ("/2015-03-31/functions", b"[", "InvalidRequestContentException"),
        ("/2015-03-31/functions", b"", "ValidationException"),
        ("/2015-03-31/functions/f/versions", b"", None),
        ("/2015-03-31/functions/f/invocations", b"", None),
        ("/2015-03-31/functions/f/invocations", b"[1]", None),
        ("/2015-03-31/functions/f/invocations", b"[", "InvalidRequestContentException"),
        ("/nothing/here", b"[", None),
    ],
)
def test_an_operation_is_known_by_its_path(path: str, body: bytes, code: str | None) -> None:
    assert shaped(request("lambda", path, body)) == code


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/b?tagging", b"<Tagging><TagSet/></Tagging>", None),
        ("PUT", "/b?tagging", b'<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>', None),
        ("PUT", "/b?tagging", b"<Taggings/>", "MalformedXML"),
        ("PUT", "/b/k?tagging", b"<Tagging>", "MalformedXML"),
        ("PUT", "/b/k?tagging", b"", "MissingRequestBodyError"),
        ("PUT", "/b", b"", None),
        ("PUT", "/b", b"<Delete/>", "MalformedXML"),
        ("PUT", "/b/k", b"<Delete/>", None),
        ("POST", "/b/k?uploadId=u", b"<CompleteMultipartUpload/>", None),
        ("POST", "/b/k?uploadId=u", b"<x/>", "MalformedXML"),
        ("POST", "/b/k", b"", "MethodNotAllowed"),
        ("GET", "/b?max-keys=10", b"", None),
        ("GET", "/b/k", b"", None),
    ],
)
def test_s3_says_what_it_refuses(method: str, path: str, body: bytes, code: str | None) -> None:
    assert shaped(request("s3", path, body, method)) == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"HTTP_X_AMZ_ACL": "private"}, None),
        ({"HTTP_X_AMZ_ACL": "mine"}, "InvalidArgument"),
        ({"HTTP_X_AMZ_COPY_SOURCE": "/bucket/key"}, None),
        ({"HTTP_X_AMZ_COPY_SOURCE": "bucket"}, "InvalidArgument"),
        ({"HTTP_X_AMZ_GRANT_READ": 'id="a", uri="b"'}, None),
        ({"HTTP_X_AMZ_GRANT_READ": "a"}, "InvalidArgument"),
        ({"HTTP_RANGE": "bytes=0-9, -5"}, None),
        ({"HTTP_RANGE": "bytes=x"}, "InvalidArgument"),
        ({"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 x"}, "IncompleteSignature"),
    ],
)
def test_s3_reads_its_headers(headers: dict[str, str], code: str | None) -> None:
    assert shaped(request("s3", "/b/k", method="PUT", **headers)) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", None),
        (b"3;chunk-signature=0\r\nabc\r\n0;chunk-signature=0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n", None),
        (b"1\r\na\r\n2\r\nbc\r\n0\r\nX-Amz-Checksum-CRC32: NSRBwg==\r\n\r\n", None),
        (b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "BadDigest"),
        (b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:a\r\n\r\n", "InvalidRequest"),
        (b"3\r\nab", "IncompleteBody"),
        (b"3\r\nabc\r\n", "IncompleteBody"),
        (b"x", "IncompleteBody"),
        (b"", "IncompleteBody"),
    ],
)
def test_a_body_in_chunks_has_an_end(body: bytes, code: str | None) -> None:
    assert streamed(body) == code


@pytest.mark.parametrize("kind", ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"])
def test_the_checksum_in_a_trailer_is_the_bodys(kind: str) -> None:
    digest = base64.b64encode(bytes(checksums.SIZES[kind.upper()]))
    promised = {"HTTP_X_AMZ_TRAILER": f"x-amz-checksum-{kind}"}

    wrong = b"3\r\nabc\r\n0\r\nx-amz-checksum-%b:%b\r\n\r\n" % (kind.encode(), digest)
    assert streamed(wrong, **promised) == "BadDigest"
    assert streamed(b"3\r\nabc\r\n0\r\n\r\n", **promised) == "MalformedTrailerError"


def test_what_came_in_chunks_is_as_long_as_was_said() -> None:
    assert streamed(b"3\r\nabc\r\n0\r\n\r\n", HTTP_X_AMZ_DECODED_CONTENT_LENGTH="3") is None
    assert streamed(b"3\r\nabc\r\n0\r\n\r\n", HTTP_X_AMZ_DECODED_CONTENT_LENGTH="4") == "IncompleteBody"


@pytest.mark.parametrize(
    ("kind", "check"), [("CRC32", "cbf43926"), ("CRC32C", "e3069283"), ("CRC64NVME", "ae8b14860a799888")]
)
def test_a_checksum_is_that_of_its_catalogue(kind: str, check: str) -> None:
    """Source: https://reveng.sourceforge.io/crc-catalogue/all.htm (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME)."""
    found = checksums.calculated(kind, b"123456789")

    assert found is not None
    assert found.hex() == check


def test_a_checksum_that_would_take_long_is_not_calculated() -> None:
    large = bytes(checksums.LARGEST_IN_PYTHON + 1)

    assert [kind for kind in checksums.SIZES if checksums.calculated(kind, large) is None] == ["CRC32C", "CRC64NVME"]


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ("policy", b'{"Version": "2012-10-17"}', None),
        ("policy", b"[]", "MalformedPolicy"),
        ("policy", b"\xff", "MalformedPolicy"),
        ("tagging", b"\xff", None),
    ],
)
def test_what_moto_keeps_unread_is_read_before(query: str, body: bytes, code: str | None) -> None:
    fault = s3.find_unread_fault(request("s3", f"/b?{query}", body, "PUT"))

    assert (fault.code if fault else None) == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"HTTP_CONTENT_MD5": "kAFQmDzST7DWlj99KOF/cg=="}, None),
        ({"HTTP_CONTENT_MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "BadDigest"),
        ({"HTTP_CONTENT_MD5": "kAFQ"}, "InvalidDigest"),
        ({"HTTP_CONTENT_MD5": "\u00ff"}, "InvalidDigest"),
        ({"HTTP_X_AMZ_CHECKSUM_CRC32": "NSRBwg=="}, None),
        ({"HTTP_X_AMZ_CHECKSUM_CRC32": "AAAAAA=="}, "BadDigest"),
        ({"HTTP_X_AMZ_CHECKSUM_SHA1": "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="}, None),
        ({"HTTP_X_AMZ_CHECKSUM_SHA1": "AAAA"}, "InvalidRequest"),
        ({"HTTP_X_AMZ_CHECKSUM_SHA256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}, None),
        ({"HTTP_X_AMZ_CHECKSUM_SHA256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, "BadDigest"),
        ({"HTTP_X_AMZ_CHECKSUM_CRC32C": "Nks/tw=="}, None),
        ({"HTTP_X_AMZ_CHECKSUM_CRC32C": "AAAAAA=="}, "BadDigest"),
        ({"HTTP_X_AMZ_CHECKSUM_CRC64NVME": "AAAAAAAAAAA="}, "BadDigest"),
        ({"HTTP_X_AMZ_CONTENT_SHA256": hashlib.sha256(b"abc").hexdigest()}, None),
        ({"HTTP_X_AMZ_CONTENT_SHA256": hashlib.sha256(b"abd").hexdigest()}, "XAmzContentSHA256Mismatch"),
        ({"HTTP_X_AMZ_CONTENT_SHA256": "UNSIGNED-PAYLOAD"}, None),
    ],
)
def test_an_object_is_what_its_digests_say(headers: dict[str, str], code: str | None) -> None:
    fault = s3.find_unread_fault(request("s3", "/b/k", b"abc", "PUT", **headers))

    assert (fault.code if fault else None) == code


@given(
    st.sampled_from(["s3", "sns", "sqs", "states", "lambda", "dynamodb", "sagemaker", "nothing"]),
    st.sampled_from(["GET", "PUT", "POST", "HEAD"]),
    st.text(st.characters(max_codepoint=255)),
    st.binary(),
    st.dictionaries(
        st.sampled_from(["HTTP_X_AMZ_TARGET", "HTTP_RANGE", "HTTP_X_AMZ_ACL", "HTTP_X_AMZ_COPY_SOURCE", "CONTENT_TYPE",
                         "HTTP_X_AMZ_GRANT_READ", "HTTP_AUTHORIZATION", "HTTP_X_AMZ_CONTENT_SHA256"]),
        st.text(st.characters(max_codepoint=255)),
    ),
)  # fmt: skip
def test_whatever_comes_is_judged(service: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
    environ = request(service, f"/{path}", body, method, **headers)

    texts.find_fault(environ)
    shapes.find_fault(environ)
    s3.find_unread_fault(environ)
