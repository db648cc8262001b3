"""Pages in a real browser, against the local cloud: what they try comes to nothing, and nothing is shown to them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cloud import CloudServer, eventually
from playwright.sync_api import Error, Page

pytestmark = pytest.mark.browser
SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
JOB = {
    "ProcessingJobName": "from-a-page",
    "RoleArn": "arn:aws:iam::123456789012:role/any",
    "AppSpecification": {
        "ImageUri": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
        "ContainerEntrypoint": ["python3", "-c", "print('mine')"],
    },
    "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
}
# Answers [status, text] of what a page may read, and the browser's own words where it may not.
FETCH = """async ([url, how]) => {
    try { const answer = await fetch(url, how); return [answer.type, answer.status, await answer.text()] }
    catch (error) { return ["error", 0, String(error)] }
}"""
SHOW = """([kind, url]) => new Promise(done => {
    const element = document.createElement(kind);
    element.onload = () => done("shown");
    element.onerror = () => done("refused");
    element.src = url;
    document.body.append(element);
})"""
SUBMIT = """([url, kind, fields]) => {
    const form = document.createElement("form");
    Object.assign(form, {method: "POST", action: url, enctype: kind});
    for (const [name, value] of Object.entries(fields)) {
        const field = document.createElement("input");
        Object.assign(field, {name, value});
        form.append(field);
    }
    document.body.append(form);
    form.submit();
}"""


class Evil(BaseHTTPRequestHandler):
    """The site of somebody else."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>evil</title><body></body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def evil() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Evil)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,))
    serving.start()
    yield f"http://evil.test:{server.server_address[1]}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def untouched(cloud_server: CloudServer) -> Iterator[None]:
    """Nothing of the cloud changes in a test."""
    cloud_server.client("s3").create_bucket(Bucket="browser-pages")
    cloud_server.client("sqs").create_queue(QueueName="kept")
    before = held(cloud_server)
    yield
    assert held(cloud_server) == before


def held(cloud: CloudServer) -> dict[str, Any]:
    sqs, s3, sagemaker = (cloud.client(service) for service in ("sqs", "s3", "sagemaker"))
    jobs = sagemaker.list_processing_jobs(NameContains="from-a-page")["ProcessingJobSummaries"]
    assert jobs == []
    return {
        "queues": sorted(sqs.list_queues().get("QueueUrls", [])),
        "buckets": sorted(bucket["Name"] for bucket in s3.list_buckets()["Buckets"]),
        "capacity": cloud.page("capacity"),
    }


def refused(cloud: CloudServer, request: str, said: str) -> None:
    """The cloud itself refused: no rule of the browser's own kept the request back."""
    log = cloud.state_dir / "server.log"
    begins = f"{request} refused: the local cloud answers "
    eventually(lambda: any(begins in line and said in line for line in log.read_text().splitlines()), 10, request)


def at(cloud: CloudServer, name: str, path: str = "") -> str:
    return cloud.url.replace("127.0.0.1", name) + path


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/_localcloud/health", {}),
    ("GET", "/_localcloud/calls", {"mode": "no-cors"}),
    ("POST", "/moto-api/reset", {"method": "POST", "mode": "no-cors", "body": "x"}),
    ("POST", "/", {"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"},
                   "body": json.dumps(JOB)}),
    ("OPTIONS", "/", {"method": "POST", "body": json.dumps(JOB), "headers": {
        "Content-Type": "application/x-amz-json-1.1", "Authorization": SIGNED.format("sagemaker"),
        "X-Amz-Target": "SageMaker.CreateProcessingJob"}}),
    ("OPTIONS", "/_localcloud/capacity", {"method": "PUT", "body": '{"lacking": ["ml.m5.large"]}'}),
    ("OPTIONS", "/from-a-page", {"method": "PUT", "headers": {"Authorization": SIGNED.format("s3")}}),
]  # fmt: skip


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one[2].get('mode', 'cors')} {one[0]} {one[1]}")
def test_a_foreign_page_fetches_nothing(
    cloud_server: CloudServer, page: Page, evil: str, name: str, request_: tuple[str, str, dict[str, Any]]
) -> None:
    method, path, how = request_
    page.goto(evil)

    kind, status, text = page.evaluate(FETCH, [at(cloud_server, name, path), how])

    assert (kind, status) in {("error", 0), ("opaque", 0)}
    assert text in {"", "TypeError: Failed to fetch"}
    refused(cloud_server, f"{method} {path}", evil if "mode" not in how or method == "POST" else "cross-site")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("path", "kind", "fields"),
    [
        ("/moto-api/reset", "application/x-www-form-urlencoded", {}),
        ("/", "text/plain", {json.dumps(JOB)[:-1] + ',"a":"': '"}'}),
        ("/", "application/x-www-form-urlencoded", {"Action": "CreateQueue", "QueueName": "from-a-page"}),
        ("/from-a-page", "multipart/form-data", {"key": "a", "file": "x"}),
    ],
)
def test_a_form_that_a_foreign_page_submits_is_refused(
    cloud_server: CloudServer, page: Page, evil: str, path: str, kind: str, fields: dict[str, str]
) -> None:
    page.goto(evil)

    with page.expect_navigation() as navigation:
        page.evaluate(SUBMIT, [cloud_server.url + path, kind, fields])

    assert navigation.value.status == 403
    refused(cloud_server, f"POST {path}", evil)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("kind", ["img", "script"])
def test_what_a_foreign_page_embeds_is_refused(cloud_server: CloudServer, page: Page, evil: str, kind: str) -> None:
    page.goto(evil)

    shown = page.evaluate(SHOW, [kind, f"{cloud_server.url}/_localcloud/roles"])

    assert shown == "refused"
    refused(cloud_server, "GET /_localcloud/roles", "cross-site")


def test_a_link_on_a_foreign_page_leads_to_a_refusal(cloud_server: CloudServer, page: Page, evil: str) -> None:
    page.goto(evil)

    with page.expect_navigation() as navigation:
        page.evaluate("url => { location.href = url }", f"{cloud_server.url}/_localcloud/permissions")

    assert navigation.value.status == 403
    refused(cloud_server, "GET /_localcloud/permissions", "cross-site")


def test_a_foreign_page_opens_no_socket(cloud_server: CloudServer, page: Page, evil: str) -> None:
    page.goto(evil)

    opened = page.evaluate(
        """url => new Promise(done => {
            const socket = new WebSocket(url);
            socket.onopen = () => done(true);
            socket.onerror = () => done(false);
        })""",
        cloud_server.url.replace("http:", "ws:") + "/_localcloud/events",
    )

    assert opened is False
    refused(cloud_server, "GET /_localcloud/events", evil)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/_localcloud/health", {}),
        ("/moto-api/reset", {"method": "POST"}),
        ("/_localcloud/capacity", {"method": "PUT", "body": '{"lacking": ["ml.m5.large"]}'}),
        ("/", {"method": "POST", "body": json.dumps(JOB), "headers": {
            "Authorization": SIGNED.format("sagemaker"), "X-Amz-Target": "SageMaker.CreateProcessingJob"}}),
    ],
)  # fmt: skip
def test_a_page_whose_name_was_pointed_at_this_machine_reads_the_refusal_alone(
    cloud_server: CloudServer, page: Page, path: str, how: dict[str, Any]
) -> None:
    page.goto(at(cloud_server, "rebound.test", "/any"))  # what runs now runs in the origin that the name gives

    kind, status, text = page.evaluate(FETCH, [path, how])

    assert (kind, status) == ("basic", 403)
    assert "this request was for" in text
    assert "rebound.test" in text
    refused(cloud_server, f"{how.get('method', 'GET')} {path}", "rebound.test")


@pytest.mark.parametrize("name", ["sync-127.0.0.1", "123456789012.127.0.0.1"])
def test_a_browser_takes_no_name_that_ends_in_an_address(cloud_server: CloudServer, page: Page, name: str) -> None:
    with pytest.raises(Error, match=r"invalid URL|ERR_INVALID_URL"):
        page.goto(at(cloud_server, name, "/_localcloud/health"))


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_person_reads_the_clouds_own_pages_which_ask_each_other_and_nothing_else(
    cloud_server: CloudServer, page: Page, name: str
) -> None:
    shown = page.goto(at(cloud_server, name, "/_localcloud/health"))

    assert shown is not None
    assert (shown.status, shown.json()["status"]) == (200, "ok")
    assert page.evaluate(FETCH, ["/_localcloud/capacity", {}])[:2] == ["basic", 200]
    assert page.evaluate(FETCH, ["/_localcloud/capacity", {"method": "PUT", "body": "{}"}])[:2] == ["basic", 200]
    assert page.evaluate(FETCH, ["/", {}])[:2] == ["basic", 403]


@pytest.mark.usefixtures("untouched")
def test_a_page_that_lies_in_a_bucket_is_shown_and_runs_nothing(cloud_server: CloudServer, page: Page) -> None:
    s3 = cloud_server.client("s3")
    script = "document.title = 'ran'; fetch('/_localcloud/capacity', {method: 'PUT', body: '{\"lacking\": []}'})"
    body = f"<!doctype html><title>a report</title><h1>Report</h1><script>{script}</script>".encode()
    s3.put_object(Bucket="browser-pages", Key="report.html", Body=body, ContentType="text/html")

    page.goto(s3.generate_presigned_url("get_object", {"Bucket": "browser-pages", "Key": "report.html"}))

    assert page.title() == "a report"
    assert page.locator("h1").inner_text() == "Report"
