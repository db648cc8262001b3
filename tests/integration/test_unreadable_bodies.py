"""A body that its protocol cannot read is refused by every operation: nobody acts on what nobody checked."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from bounded_requests import environ_of, least
from cloud import CloudServer
from event_calls import name

from localcloud.front import supported

SIGNED = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_DOCUMENTS = (b'{"a": NaN}', b'{"a": -Infinity}', b"[]", b"null", b'{"a": 1', b'\xef\xbb\xbf{"a": 1}', b"{'a': 1}")
NO_XML = (b"<other/>", b"<a", b"{}", b"<!DOCTYPE a []><%s/>")
NO_CBOR = (b"\xff", b"\x81\x01", b"\xa1", b"\x7f", b"\xc1\x60")
CODES = {"SerializationException", "InvalidRequestContentException", "MalformedXML", "MalformedPolicy"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


def ask(
    cloud: CloudServer, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    connection = http.client.HTTPConnection(str(urlsplit(cloud.url).netloc), timeout=60)
    try:
        connection.request(method, path, body, {"Authorization": SIGNED.format(service), **headers})
        found = connection.getresponse()
        return Answer(found.status, found.read().decode("latin-1"))
    finally:
        connection.close()


def target(cloud: CloudServer, service: str, operation: str, body: bytes, **headers: str) -> Answer:
    sent = {"X-Amz-Target": operation, "Content-Type": "application/x-amz-json-1.1", **headers}
    return ask(cloud, service, "POST", "/", sent, body)


def model_of(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(supported.SERVICES[service].model, "service-2"))


def of_documents(service: str) -> Iterator[OperationModel]:
    """The operations of a service that take a document as their body."""
    asked, model = supported.SERVICES[service], model_of(service)
    for one in model.operation_names:
        operation = model.operation_model(one)
        if not supported.is_refused(asked, one) and takes_document(operation):
            yield operation


def takes_document(operation: OperationModel) -> bool:
    shape, protocol = operation.input_shape, str(operation.service_model.metadata["protocol"])
    if protocol == "query":
        return False
    if not protocol.startswith("rest"):
        return True
    payload = shape.serialization.get("payload") if shape is not None else None
    if shape is None or payload:
        return shape is not None and shape.members[payload].type_name == "structure"
    return any("location" not in member.serialization for member in shape.members.values())


def bodies(operation: OperationModel) -> tuple[bytes, ...]:
    protocol = operation.service_model.resolved_protocol
    return NO_XML if protocol == "rest-xml" else NO_CBOR if "cbor" in protocol else NO_DOCUMENTS


def sent(cloud: CloudServer, operation: OperationModel, body: bytes) -> Answer:
    """The least request of an operation with another body."""
    shape = operation.input_shape
    environ = environ_of(operation, least(shape) if shape is not None else {})
    headers = {
        key.removeprefix("HTTP_").replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")
    }
    query = environ["QUERY_STRING"]
    path = environ["RAW_URI"] + (f"?{query}" if query else "")
    headers |= {"Content-Type": environ["CONTENT_TYPE"]} if environ["CONTENT_TYPE"] else {}
    service = str(operation.service_model.signing_name)
    return ask(cloud, service, environ["REQUEST_METHOD"], path, headers, body)


@pytest.mark.parametrize("service", [name for name in supported.SERVICES if any(of_documents(name))])
def test_no_operation_acts_on_a_body_that_is_no_document(cloud_server: CloudServer, service: str) -> None:
    taken = [
        f"{operation.name} {body!r}: {found.status} {found.body[:200]}"
        for operation in of_documents(service)
        for body in bodies(operation)
        if (found := sent(cloud_server, operation, body)).status != 400 or not any(one in found.body for one in CODES)
    ]

    assert taken == []


def test_what_the_query_asks_is_checked_as_a_form_is(cloud_server: CloudServer) -> None:
    def said(action: str, **fields: str) -> Answer:
        return ask(cloud_server, "sns", "GET", f"/?{urlencode({'Action': action, **fields})}", {})

    assert said("ListTopics").status == 200
    assert said("CreatePlatformApplication", Name="a", Platform="ADM").status == 501
    assert said("CreateTopic", Name="a", DataProtectionPolicy="{}").status == 501
    assert said("CreateTopic", Name="a b").status == 400


def test_an_operation_is_named_once(cloud_server: CloudServer) -> None:
    made = name("named-twice")
    both = ask(cloud_server, "sns", "POST", f"/?Action=CreateTopic&Name={made}", FORM, b"Action=ListTopics")
    twice = ask(cloud_server, "sns", "POST", "/", FORM, f"Action=CreateTopic&Name=a&Name={made}".encode())
    in_vain = target(cloud_server, "dynamodb", "DynamoDB_20120810.ListTables", b'{"Limit": 1}')
    beside = ask(
        cloud_server, "dynamodb", "POST", "/?Action=DeleteTable",
        {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}, b'{"Limit": 1}',
    )  # fmt: skip

    assert [(one.status, "more than once" in one.body) for one in (both, twice)] == [(400, True), (400, True)]
    assert (beside.status, beside.body) == (200, in_vain.body)
    topics = cloud_server.client("sns").get_paginator("list_topics").paginate().build_full_result()["Topics"]
    assert [one for one in topics if one["TopicArn"].endswith(made)] == []


def test_a_form_of_any_size_is_checked(cloud_server: CloudServer) -> None:
    form = urlencode({"Action": "CreatePlatformApplication", "Name": "a" * (1 << 20), "Platform": "ADM"}).encode()

    assert ask(cloud_server, "sns", "POST", "/", FORM, form).status == 501


def test_a_packed_body_is_checked_as_an_unpacked_one(cloud_server: CloudServer) -> None:
    def listed(document: dict[str, Any]) -> Answer:
        body = gzip.compress(json.dumps(document).encode())
        return target(cloud_server, "dynamodb", "DynamoDB_20120810.ListTables", body, **{"Content-Encoding": "gzip"})

    bomb = gzip.compress(b"{" + b" " * (70 << 20) + b"}")
    cut, huge = (
        target(cloud_server, "dynamodb", "DynamoDB_20120810.ListTables", body, **{"Content-Encoding": "gzip"})
        for body in (gzip.compress(b"{}")[:-9], bomb)
    )

    assert listed({"Limit": 1}).status == 200
    assert listed({"Limit": 0}).status == 400
    assert [(one.status, "SerializationException" in one.body) for one in (cut, huge)] == [(400, True)] * 2


def test_large_metrics_that_an_sdk_packs_arrive(cloud_server: CloudServer) -> None:
    cloudwatch, space = cloud_server.client("cloudwatch"), name("Packed")
    rows = [{"MetricName": f"Metric{number:03d}-{'x' * 100}", "Value": float(number)} for number in range(200)]

    cloudwatch.put_metric_data(Namespace=space, MetricData=rows)

    found = cloudwatch.get_paginator("list_metrics").paginate(Namespace=space).build_full_result()["Metrics"]
    assert len(found) == len(rows)


def test_an_object_is_kept_as_it_is_whatever_its_type_says(cloud_server: CloudServer) -> None:
    s3, made = cloud_server.client("s3"), name("typed").lower()
    s3.create_bucket(Bucket=made)
    bodies = {"form": (b"\xff\x00&a=%FF", FORM), "gzip": (gzip.compress(b"1"), {"Content-Encoding": "gzip"})}

    answers = [
        ask(cloud_server, "s3", "PUT", f"/{made}/{key}", headers, body) for key, (body, headers) in bodies.items()
    ]

    assert [one.status for one in answers] == [200, 200]
    assert [s3.get_object(Bucket=made, Key=key)["Body"].read() for key in bodies] == [
        body for body, _ in bodies.values()
    ]
