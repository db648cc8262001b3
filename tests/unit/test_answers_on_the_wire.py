"""moto's answers as they go out: what AWS does not send is left out, what it always sends is there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from answer_shapes import faults
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from localcloud.front.answers import wire
from localcloud.front.answers.always import ALWAYS
from localcloud.front.answers.shaping import shaped

HTML = ("Content-Type", "text/html; charset=utf-8")


def operation(service: str, name: str) -> OperationModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service).operation_model(name)


def sent(
    model: str, name: str, body: str, *headers: tuple[str, str], status: str = "200 OK", **environ: Any
) -> tuple[str, dict[str, str], bytes]:
    """What becomes of an answer of moto's."""
    told: list[Any] = []

    def app(_: Any, start: Any) -> Iterable[bytes]:
        start(status, [*(headers or (HTML,)), ("Content-Length", str(len(body)))])
        return [body.encode()]

    def start(*given: Any) -> None:
        told[:] = given

    asked = {"wsgi.input": None, "CONTENT_TYPE": "", **environ}
    content = b"".join(wire.send(app, model, name, asked, start))
    return told[0], {key.lower(): value for key, value in told[1]}, content


def json_target(name: str) -> dict[str, str]:
    return {"HTTP_X_AMZ_TARGET": f"Any.{name}"}


def test_what_is_none_or_unknown_is_left_out_however_deep() -> None:
    shape = operation("events", "ListRules").output_shape
    moto = {"Rules": [{"Name": "a", "CreatedBy": "x", "RoleArn": None}], "NextToken": None}

    assert shaped(shape, moto) == {"Rules": [{"Name": "a"}]}


@pytest.mark.parametrize(("text", "seconds"), [
    ("1970-01-02T00:00:00Z", 86400.0), ("1970-01-02T00:00:00.500000000Z", 86400.5), ("1970-01-02T00:00:00", 86400.0),
])  # fmt: skip
def test_a_moment_is_a_number(text: str, seconds: float) -> None:
    shape = operation("lambda", "GetFunctionEventInvokeConfig").output_shape

    assert shaped(shape, {"LastModified": text}) == {"LastModified": seconds}


def test_a_moment_that_the_model_has_as_a_text_stays_one() -> None:
    shape = operation("lambda", "GetFunctionConfiguration").output_shape

    assert shaped(shape, {"LastModified": "1970-01-02"}) == {"LastModified": "1970-01-02"}


@pytest.mark.parametrize(("model", "name", "how", "kind"), [
    ("events", "ListRules", json_target("ListRules"), "application/x-amz-json-1.1"),
    ("dynamodb", "ListTables", json_target("ListTables"), "application/x-amz-json-1.0"),
    ("lambda", "ListFunctions", {}, "application/json"),
    ("iam", "ListRoles", {"CONTENT_TYPE": "application/x-www-form-urlencoded"}, "text/xml"),
])  # fmt: skip
def test_an_answer_says_of_what_type_it_is(model: str, name: str, how: dict[str, str], kind: str) -> None:
    _, headers, _ = sent(model, name, "{}", **how)

    assert headers["content-type"] == kind
    assert headers["x-amzn-requestid"]
    assert "content-length" not in headers


def test_an_answer_in_cbor_says_so_in_the_header_that_sdks_ask_for() -> None:
    _, headers, _ = sent(
        "cloudwatch", "PutMetricData", "", ("Content-Type", "text"), HTTP_SMITHY_PROTOCOL="rpc-v2-cbor"
    )

    assert headers["smithy-protocol"] == "rpc-v2-cbor"
    assert headers["content-type"] == "application/cbor"


def test_success_has_the_status_of_the_operation() -> None:
    status, _, _ = sent("lambda", "GetAlias", "{}", status="201 CREATED")

    assert status == "200 OK"


@pytest.mark.parametrize(("name", "status"), [("GetAlias", "404 Not Found"), ("Invoke", "202 Accepted")])
def test_a_failure_and_a_status_that_says_what_was_done_stay(name: str, status: str) -> None:
    assert sent("lambda", name, "{}", status=status)[0] == status


def test_a_list_of_iam_says_that_it_is_whole() -> None:
    form = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
    body = "<ListGroupsResponse><ListGroupsResult><Groups/></ListGroupsResult></ListGroupsResponse>"

    _, _, content = sent("iam", "ListGroups", body, **form)

    assert b"<IsTruncated>false</IsTruncated></ListGroupsResult>" in content
    assert sent("iam", "ListGroups", content.decode(), **form)[2] == content


def test_s3_has_its_own_ids_and_says_how_an_object_is_encrypted_and_what_a_checksum_is_of() -> None:
    xml, crc = ("Content-Type", "application/xml"), ("x-amz-checksum-crc32", "AAAAAA==")
    _, put, _ = sent("s3", "PutObject", "", xml, crc, ("x-amzn-requestid", "moto's"))
    _, parts, _ = sent("s3", "CompleteMultipartUpload", "", xml, ("x-amz-checksum-crc32", "AAAAAA==-2"))
    _, keyed, _ = sent("s3", "GetObject", "", xml, ("x-amz-server-side-encryption", "aws:kms"))
    _, bucket, _ = sent("s3", "ListObjectsV2", "", xml)

    assert len(put["x-amz-request-id"]) == 16
    assert "x-amzn-requestid" not in put
    assert (put["x-amz-server-side-encryption"], put["x-amz-checksum-type"]) == ("AES256", "FULL_OBJECT")
    assert (parts["x-amz-checksum-type"], keyed["x-amz-server-side-encryption"]) == ("COMPOSITE", "aws:kms")
    assert "x-amz-server-side-encryption" not in bucket


def test_a_functions_revision_changes_with_what_it_is_and_stays_with_it() -> None:
    mend = ALWAYS["lambda", "GetFunctionConfiguration"]
    found: list[dict[str, Any]] = [{"FunctionName": "a", "State": "Active"} for _ in range(2)]
    changed: dict[str, Any] = {"FunctionName": "a", "State": "Active", "Timeout": 4}
    for one in (*found, changed):
        mend(one, {})

    assert found[0]["RevisionId"] == found[1]["RevisionId"] != changed["RevisionId"]


def test_the_digest_of_system_attributes_is_as_sqs_makes_it() -> None:
    answer: dict[str, Any] = {"MessageId": "1"}
    header = {"AWSTraceHeader": {"StringValue": "Root=1-2-3", "DataType": "String"}}
    ALWAYS["sqs", "SendMessage"](answer, {"MessageSystemAttributes": header})

    # of \0\0\0\x0eAWSTraceHeader \0\0\0\x06String \x01 \0\0\0\x0aRoot=1-2-3
    assert answer["MD5OfMessageSystemAttributes"] == "3f71502e2b401dca4ffefa0d1f324c78"


def test_a_fault_is_seen_in_types_members_words_headers_and_statuses() -> None:
    listed = operation("stepfunctions", "ListStateMachines")
    body = json.dumps({"stateMachines": [{"name": 1, "type": "WEAK", "creationDate": "2026-01-01"}], "more": 1})

    found = faults(listed, 201, {"content-type": "text/html"}, body.encode())

    assert sorted(found) == [
        ".more is not known",
        ".stateMachines.creationDate is '2026-01-01', no timestamp (unixtimestamp)",
        ".stateMachines.name is 1, no string",
        ".stateMachines.type is 'WEAK', none of its words",
        "HTTP 201, not 200",
        "content type text/html",
        "no .stateMachines.stateMachineArn",
        "no header x-amzn-requestid",
    ]
