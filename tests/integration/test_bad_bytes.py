"""One bad byte from a client is the client's fault: what is answered to it, and that nothing is kept that nobody sent.

Each row: what is sent, and the status and code that AWS has for it.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

import pytest
from cloud import CloudServer

SIGNED = b"AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"
FORM = {"Content-Type": b"application/x-www-form-urlencoded; charset=utf-8"}
HALF_A_PAIR = b'{"QueueUrl": "\\ud800"}'
DEEP = b'{"a":' * 100_000
XML = b"<%s>\xff</%s>"


@dataclass(frozen=True)
class Sent:
    """A request, byte by byte."""

    method: str
    path: bytes
    service: bytes = b"s3"
    headers: dict[str, bytes] = field(default_factory=dict)
    body: bytes = b""

    def lines(self, port: int) -> bytes:
        signed = {} if "Authorization" in self.headers else {"Authorization": SIGNED % self.service}
        framed = {"Content-Length", "Transfer-Encoding"} & set(self.headers)
        length = {} if framed else {"Content-Length": b"%d" % len(self.body)}
        headers = {"Host": b"127.0.0.1:%d" % port, "Connection": b"close", **signed, **length, **self.headers}
        lines = [b"%s: %s" % (name.encode(), value) for name, value in headers.items()]
        return b"\r\n".join([b"%s %s HTTP/1.1" % (self.method.encode(), self.path), *lines, b"", self.body])


def target(service: bytes, operation: bytes, body: bytes) -> Sent:
    headers = {"X-Amz-Target": operation, "Content-Type": b"application/x-amz-json-1.1"}
    return Sent("POST", b"/", service, headers, body)


def form(service: bytes, body: bytes) -> Sent:
    return Sent("POST", b"/", service, FORM, body)


def answer(cloud: CloudServer, sent: Sent) -> tuple[int, str]:
    port = int(cloud.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent.lines(port))
        said = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode("latin-1")
    return int(said.split(" ")[1]), said.partition("\r\n\r\n")[2]


ADDRESSES = [
    (Sent(method, b"/bad-bytes/" + key), 400, "InvalidURI")
    for method in ("GET", "PUT", "HEAD", "DELETE", "POST")
    for key in (b"%FF", b"%ED%A0%80", b"a%c3", b"\xff", b"caf\xc3\xa9")
] + [
    (Sent("GET", b"/%FF"), 400, "InvalidURI"),
    (Sent("GET", b"/bad-bytes?prefix=%FF"), 400, "InvalidURI"),
    (Sent("GET", b"/bad-bytes?list-type=2&continuation-token=%FF"), 400, "InvalidURI"),
    (Sent("GET", b"/bad-bytes/key?versionId=\xff"), 400, "InvalidURI"),
    (Sent("GET", b"/2015-03-31/functions/%FF", b"lambda"), 400, "InvalidQueryParameter"),
    (Sent("POST", b"/endpoints/%FF/invocations", b"sagemaker", {}, b"1"), 400, "InvalidQueryParameter"),
    (Sent("GET", b"/?Action=ListTopics&NextToken=%FF", b"sns"), 400, "InvalidQueryParameter"),
]
DOCUMENTS = [
    (target(service, operation, body), 400, "SerializationException")
    for service, operation in (
        (b"sagemaker", b"SageMaker.CreateProcessingJob"),
        (b"dynamodb", b"DynamoDB_20120810.PutItem"),
        (b"sqs", b"AmazonSQS.SendMessage"),
        (b"states", b"AWSStepFunctions.StartExecution"),
        (b"events", b"AWSEvents.PutEvents"),
        (b"logs", b"Logs_20140328.PutLogEvents"),
        (b"kms", b"TrentService.Encrypt"),
        (b"ssm", b"AmazonSSM.PutParameter"),
    )
    for body in (b"\xff", b'{"a": "\xff"}', HALF_A_PAIR, DEEP)
] + [
    (target(b"kms", b"TrentService.CreateKey", b"{"), 400, "SerializationException"),
    (target(b"dynamodb", b"DynamoDB_20120810.GetItem", b"[]"), 400, "SerializationException"),
    (target(b"states", b"AWSStepFunctions.StartExecution", b""), 400, "SerializationException"),
    (target(b"states", b"AWSStepFunctions.StartExecution", b"{}"), 400, "ValidationException"),
    (Sent("POST", b"/2015-03-31/functions", b"lambda", {}, b"\xff"), 400, "InvalidRequestContentException"),
    (Sent("POST", b"/2015-03-31/functions", b"lambda", {}, b"{}"), 400, "ValidationException"),
    (Sent("POST", b"/2015-03-31/functions/f/invocations", b"lambda", {}, b"\xff"), 400, "InvalidRequestContent"),
    (Sent("PUT", b"/_localcloud/capacity", body=b"\xff"), 400, "message"),
    (Sent("PUT", b"/_localcloud/capacity", body=DEEP), 400, "message"),
]  # fmt: skip
ENTITY = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><%b><%b></%b>'
FORMS = [
    (form(service, body), 400, "InvalidQueryParameter")
    for service in (b"sqs", b"sns", b"sts", b"iam", b"cloudformation", b"monitoring")
    for body in (b"Action=X&Name=%FF", b"Action=X&Name=\xff", b"\xff=1", b"Action=%ED%A0%80")
] + [
    (form(b"sts", b"Action=No%00Such"), 400, "InvalidAction"),
    (form(b"sns", b"Action=Publish&TopicArn=x"), 400, "InvalidParameter"),
]
S3 = [
    (Sent("PUT", b"/bad-bytes?" + word, body=body), 400, code)
    for word, root in ((b"tagging", b"Tagging"), (b"lifecycle", b"LifecycleConfiguration"), (b"cors", b"CORS"),
                       (b"notification", b"NotificationConfiguration"))
    for body, code in ((XML % (root, root), "MalformedXML"), (b"\xff", "MalformedXML"), (b"<other/>", "MalformedXML"))
] + [
    (Sent("PUT", b"/bad-bytes?tagging"), 400, "MissingRequestBodyError"),
    (Sent("PUT", b"/bad-bytes?policy", body=b"\xff"), 400, "MalformedPolicy"),
    (Sent("POST", b"/bad-bytes?delete", body=b"<Delete>\xff"), 400, "MalformedXML"),
    (Sent("POST", b"/bad-bytes?delete", body=ENTITY % (b"Delete", b"Object><Key>&a;</Key></Object", b"Delete")),
     400, "MalformedXML"),
    (Sent("PUT", b"/bad-bytes?tagging", body=ENTITY % (b"Tagging", b"TagSet>&a;</TagSet", b"Tagging")),
     400, "MalformedXML"),
    (Sent("PUT", b"/new-bucket", body=b"\xff"), 400, "MalformedXML"),
    (Sent("POST", b"/bad-bytes/key?select&select-type=2", body=b"\xff"), 501, "NotImplemented"),
    (Sent("POST", b"/bad-bytes", body=b"\xff"), 412, "PreconditionFailed"),
    (Sent("POST", b"/bad-bytes/key", body=b"\xff"), 405, "MethodNotAllowed"),
    (Sent("GET", b"/bad-bytes?max-keys=x"), 400, "InvalidArgument"),
    (Sent("GET", b"/bad-bytes?uploads&max-uploads=x"), 400, "InvalidArgument"),
    (Sent("GET", b"/bad-bytes/key?partNumber=2"), 416, "InvalidPartNumber"),
    (Sent("DELETE", b"/bad-bytes/key?acl"), 405, "MethodNotAllowed"),
    (Sent("PUT", b"/bad-bytes/key?torrent", body=b"y"), 405, "MethodNotAllowed"),
    (Sent("GET", b"/bad-bytes/key?retention"), 501, "GetObjectRetention"),
    (Sent("GET", b"/bad-bytes/key?response-content-disposition=a%0d%0aX-More:%20b"), 400, "InvalidArgument"),
    (Sent("GET", b"/bad-bytes/key?response-content-type=%E2%98%83"), 400, "ISO-8859-1"),
    (Sent("PUT", b"/bad-bytes/copy", headers={"x-amz-copy-source": b"\xff"}), 400, "InvalidArgument"),
    (Sent("PUT", b"/bad-bytes/acl", headers={"x-amz-acl": b"\xff"}), 400, "InvalidArgument"),
    (Sent("PUT", b"/bad-bytes/grant", headers={"x-amz-grant-read": b"\xff"}), 400, "InvalidArgument"),
    (Sent("PUT", b"/bad-bytes/chunks", headers={"x-amz-content-sha256": b"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          "Content-Encoding": b"aws-chunked"}, body=b"\xff"), 400, "IncompleteBody"),
]  # fmt: skip
CONNECTIONS = [
    (Sent("PUT", b"/bad-bytes/length", headers={"Content-Length": length}, body=b"abc"), 400, "Content-Length")
    for length in (b"-1", b"+3", b"1e3", b"\xff", b"\xb2", b"", b"3,3", b"9" * 30)
] + [
    (Sent("PUT", b"/bad-bytes/chunked", headers={"Transfer-Encoding": b"chunked"}, body=body), 400, "chunk")
    for body in (b"zz\r\nabc\r\n0\r\n\r\n", b"\xff\r\n", b"-1\r\n",
                 *(length + b"\r\nabc\r\n0\r\n\r\n" for length in (b"0x3", b"+3", b"0_3", b" 3 ", b"3;a=b", b"")))
] + [
    (Sent("GET", b"/bad-bytes/key", headers={"Authorization": said}), 400, "IncompleteSignature")
    for said in (b"\xff", b"AWS4-HMAC-SHA256")
]  # fmt: skip


@pytest.fixture(scope="module")
def cloud(cloud_server: CloudServer) -> CloudServer:
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket="bad-bytes")
    s3.put_object(Bucket="bad-bytes", Key="key", Body=b"x")
    return cloud_server


@pytest.mark.parametrize(("sent", "status", "code"), [*ADDRESSES, *DOCUMENTS, *FORMS, *S3, *CONNECTIONS])
def test_a_bad_byte_is_refused_by_name(cloud: CloudServer, sent: Sent, status: int, code: str) -> None:
    found, said = answer(cloud, sent)

    assert found == status, said
    assert code in said or sent.method == "HEAD"
    keys = [item["Key"] for item in cloud.client("s3").list_objects_v2(Bucket="bad-bytes")["Contents"]]
    assert keys == ["key"]


@pytest.mark.parametrize(
    "name",
    ["x-amz-meta-a", "Content-Type", "Cache-Control", "Cookie", "User-Agent", "If-Match", "x-amz-date", "Accept"],
)
@pytest.mark.parametrize("value", [b"\xff", b"\xf0\x9f", b"caf\xe9"])
def test_a_header_of_any_bytes_is_no_failure_of_the_server(cloud: CloudServer, name: str, value: bytes) -> None:
    written = answer(cloud, Sent("PUT", b"/bad-bytes/headers", headers={name: value}, body=b"x"))
    read = answer(cloud, Sent("GET", b"/bad-bytes/headers", headers={name: value}))
    cloud.client("s3").delete_object(Bucket="bad-bytes", Key="headers")

    assert written[0] < 500
    assert read[0] < 500


def test_what_is_in_order_is_taken_as_before(cloud: CloudServer) -> None:
    s3, sqs, sns = (cloud.client(service) for service in ("s3", "sqs", "sns"))
    text, key = "naïve 🎈 \u2028 %FF \\ud800", "a b/ü%&+🎈"
    queue = sqs.create_queue(QueueName="bad-bytes")["QueueUrl"]
    topic = sns.create_topic(Name="bad-bytes")["TopicArn"]

    s3.put_object(Bucket="bad-bytes", Key=key, Body=text.encode())
    s3.put_bucket_tagging(Bucket="bad-bytes", Tagging={"TagSet": [{"Key": "ü", "Value": "🎈"}]})
    sqs.send_message(QueueUrl=queue, MessageBody=text)
    sns.publish(TopicArn=topic, Message=text)
    raw = answer(cloud, form(b"sns", f"Action=Publish&TopicArn={topic}&Message=é".encode()))

    assert s3.get_object(Bucket="bad-bytes", Key=key)["Body"].read().decode() == text
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == text
    assert raw[0] == 200
    s3.delete_object(Bucket="bad-bytes", Key=key)
