"""What the local cloud answers to requests that no program of this machine sends: those of pages in a browser."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
from dataclasses import dataclass

import pytest
from cloud import CloudServer

NUMBERS = itertools.count(1)
FORM = "application/x-www-form-urlencoded"
JOB = json.dumps({"ProcessingJobName": "from-a-page"})
TARGET = "SageMaker.CreateProcessingJob"
SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def name(kind: str) -> str:
    return f"foreign-{kind}-{next(NUMBERS)}"


def port_of(cloud: CloudServer) -> int:
    return int(cloud.url.rpartition(":")[2])


def ask(
    cloud: CloudServer, method: str, path: str, headers: dict[str, str] | None = None, body: str | bytes = b""
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(cloud), timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read().decode())
    finally:
        connection.close()


def raw(cloud: CloudServer, lines: str) -> str:
    """What is answered to a request that is written by hand."""
    with socket.create_connection(("127.0.0.1", port_of(cloud)), timeout=60) as connection:
        connection.sendall(lines.replace("\n", "\r\n").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()


def denied(answer: Answer) -> bool:
    assert not [key for key in answer.headers if key.startswith("access-control")]
    return answer.status == 403 and "local cloud" in answer.body


PAGES = [
    ("GET", "/_localcloud/health", {}, ""),
    ("PUT", "/_localcloud/capacity", {}, "{}"),
    ("POST", "/", {"Content-Type": "text/plain", "X-Amz-Target": TARGET, "Authorization": SIGNED.format("sagemaker")},
     JOB),
    ("POST", "/", {"Content-Type": FORM, "Authorization": SIGNED.format("sqs")}, "Action=CreateQueue&QueueName=page"),
    ("POST", "/moto-api/reset", {"Content-Type": FORM}, ""),
    ("OPTIONS", "/bucket/key", {"Access-Control-Request-Method": "PUT"}, ""),
    ("PUT", "/bucket", {}, ""),
]  # fmt: skip
FOREIGN: list[dict[str, str]] = [
    {"Origin": "http://evil.test"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://evil.test", "Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page[0]} {page[1]}")
@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
def test_a_page_of_another_origin_is_refused_whatever_it_asks(
    cloud_server: CloudServer, page: tuple[str, str, dict[str, str], str], foreign: dict[str, str]
) -> None:
    method, path, headers, body = page

    assert denied(ask(cloud_server, method, path, headers | foreign, body))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page[0]} {page[1]}")
@pytest.mark.parametrize("host", ["evil.test:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.test:{port}",
                                  "evil.test@127.0.0.1:{port}", "127.0.0.1:{port},evil.test", "", "[::1"])  # fmt: skip
def test_a_page_under_another_name_of_this_machine_is_refused(
    cloud_server: CloudServer, page: tuple[str, str, dict[str, str], str], host: str
) -> None:
    method, path, headers, body = page
    named = host.format(port=port_of(cloud_server))

    assert denied(ask(cloud_server, method, path, headers | {"Host": named}, body))


@pytest.mark.parametrize(
    "lines",
    [
        "GET /_localcloud/health HTTP/1.0\n\n",
        "GET /_localcloud/health HTTP/1.1\nConnection: close\n\n",
        "GET /_localcloud/health HTTP/1.1\nHost: 127.0.0.1:{port}\nHost: evil.test\nConnection: close\n\n",
        "GET /_localcloud/health HTTP/1.1\nHost: 127.0.0.1:{port}\nHost: 127.0.0.1:{port}\nConnection: close\n\n",
        "GET /_localcloud/health HTTP/1.1\nHost: 127.0.0.1:{port}\xe9\nConnection: close\n\n",
    ],
)
def test_a_request_without_one_plain_host_is_refused(cloud_server: CloudServer, lines: str) -> None:
    said = raw(cloud_server, lines.format(port=port_of(cloud_server)))

    assert said.split(" ")[1] == "403", said
    assert "pid" not in said


@pytest.mark.parametrize(("target", "host"), [("evil.test", "127.0.0.1:{port}"), ("127.0.0.1:{port}", "evil.test")])
def test_a_request_line_with_a_host_of_its_own_is_refused(cloud_server: CloudServer, target: str, host: str) -> None:
    lines = f"GET http://{target}/_localcloud/health HTTP/1.1\nHost: {host}\nConnection: close\n\n"

    said = raw(cloud_server, lines.format(port=port_of(cloud_server)))

    assert said.split(" ")[1] == "400", said
    assert "pid" not in said


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "my-bucket.localhost", "sync-127.0.0.1"]
)
def test_a_program_may_call_this_machine_by_any_of_its_names(cloud_server: CloudServer, host: str) -> None:
    answer = ask(cloud_server, "GET", "/_localcloud/health", {"Host": f"{host}:{port_of(cloud_server)}"})

    assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")


def test_a_refusal_is_one_sentence_in_the_shape_of_the_service(cloud_server: CloudServer) -> None:
    headers = {"X-Amz-Target": TARGET, "Authorization": SIGNED.format("sagemaker"), "Host": "evil.test"}

    said = json.loads(ask(cloud_server, "POST", "/", headers, JOB).body)
    page = ask(cloud_server, "GET", "/bucket/key", {"Origin": "http://evil.test"})

    port = port_of(cloud_server)
    assert said["__type"] == "AccessDenied"
    assert said["message"] == (
        f"the local cloud answers to 127.0.0.1:{port}, localhost:{port} and [::1]:{port}, "
        "and this request was for 'evil.test'"
    )
    assert "the local cloud answers programs, no page in a browser: this request is from 'http://evil.test'" in (
        page.body.replace("&apos;", "'")
    )


def test_the_clouds_own_pages_answer_a_person_and_themselves(cloud_server: CloudServer) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Origin": cloud_server.url}

    typed = ask(cloud_server, "GET", "/_localcloud/health", {"Sec-Fetch-Site": "none"})
    from_itself = ask(cloud_server, "PUT", "/_localcloud/capacity", own, "{}")
    other_name = ask(cloud_server, "GET", "/_localcloud/health", own | {"Host": f"localhost:{port_of(cloud_server)}"})

    assert (typed.status, from_itself.status) == (200, 200)
    assert denied(other_name)


def test_a_page_that_lies_in_a_bucket_drives_nothing(cloud_server: CloudServer) -> None:
    bucket = name("bucket")
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="report.html", Body=b"<script></script>", ContentType="text/html")

    link = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "report.html"})
    path = link.removeprefix(cloud_server.url)

    shown = ask(cloud_server, "GET", path, {"Sec-Fetch-Site": "none"})
    asked = ask(cloud_server, "GET", path, {"Sec-Fetch-Site": "same-origin"})
    written = ask(cloud_server, "PUT", f"/{bucket}/other", {"Origin": cloud_server.url}, "x")

    assert (shown.status, shown.headers["content-security-policy"]) == (200, "sandbox")
    assert denied(asked)
    assert denied(written)


def test_a_buckets_rules_for_browsers_are_kept_and_open_nothing(cloud_server: CloudServer) -> None:
    bucket = name("bucket")
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket=bucket)
    rules = [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"]}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})

    preflight = ask(
        cloud_server, "OPTIONS", f"/{bucket}/a", {"Origin": "http://a.test", "Access-Control-Request-Method": "PUT"}
    )
    without_origin = ask(cloud_server, "OPTIONS", f"/{bucket}/a")
    read = ask(cloud_server, "GET", f"/{bucket}")

    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    assert denied(preflight)
    assert without_origin.status == 501
    assert [key for answer in (without_origin, read) for key in answer.headers if key.startswith("access-")] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/moto-api/"),
        ("POST", "/moto-api/reset"),
        ("GET", "/moto-api/data.json"),
        ("POST", "/moto-api/config"),
        ("POST", "/moto-api/seed?a=1"),
        ("POST", "/moto-api/recorder/start-recording"),
        ("GET", "/favicon.ico"),
        ("PUT", "/latest/api/token"),
        ("GET", "/latest/meta-data/iam/security-credentials/"),
    ],
)
def test_what_moto_has_for_itself_is_not_there(cloud_server: CloudServer, method: str, path: str) -> None:
    cloud_server.client("sqs").create_queue(QueueName="kept")

    answer = ask(cloud_server, method, path)

    assert (answer.status, "is not implemented" in answer.body) == (501, True)
    assert cloud_server.client("sqs").get_queue_url(QueueName="kept")


@pytest.mark.parametrize("bucket", ["moto-api", "latest"])
def test_a_bucket_may_have_the_name_of_such_a_path(cloud_server: CloudServer, bucket: str) -> None:
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket=bucket)

    s3.put_object(Bucket=bucket, Key="meta-data/reset", Body=b"mine")

    assert s3.get_object(Bucket=bucket, Key="meta-data/reset")["Body"].read() == b"mine"


@pytest.mark.parametrize("bucket", ["foreign-plain", "foreign.dotted"])
def test_a_bucket_may_be_named_by_the_host(cloud_server: CloudServer, bucket: str) -> None:
    headers = {"Host": f"{bucket}.localhost:{port_of(cloud_server)}", "Authorization": SIGNED.format("s3")}

    answers = [ask(cloud_server, "PUT", path, headers, body) for path, body in (("/", ""), ("/a/b", "x"))]

    assert [answer.status for answer in answers] == [200, 200]
    assert cloud_server.client("s3").get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"x"
