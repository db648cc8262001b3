"""The local cloud's own pages for people: what topics were given, the bus, queues, buckets and logs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from cloud import CloudServer, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HARM = "<img src=x onerror=alert(1)>"
LARGEST = 60_000  # bytes
PAGES = ("", "pages/outbox", "pages/events", "pages/logs", "pages/logs?group=/aws/lambda/pages-shown")
CODE = """
def handler(event, context):
    print("asked for", event["rawPath"])
    return {"statusCode": 200, "headers": {"content-type": "text/html"}, "body": "<title>asked</title><h1>Decide</h1>"}
"""
TEMPLATE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Page": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"InlineCode": CODE, "Handler": "index.handler", "Runtime": "python3.11",
                           "FunctionUrlConfig": {"AuthType": "NONE"}},
        }
    },
    "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["PageUrl", "FunctionUrl"]}}},
}  # fmt: skip


def read(cloud: CloudServer, path: str) -> str:
    with urllib.request.urlopen(f"{cloud.url}/_localcloud/{path}", timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return str(answer.read().decode())


@pytest.fixture(scope="module")
def url(cloud_server: CloudServer) -> str:
    """Of a function; a queue holds two messages, a bucket an object, a log group a line."""
    formation, name = cloud_server.client("cloudformation"), "pages-shown"
    may = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    formation.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE), Capabilities=may)
    formation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (output,) = formation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    sqs, s3, logs = (cloud_server.client(one) for one in ("sqs", "s3", "logs"))
    queue = sqs.create_queue(QueueName="pages-queue")["QueueUrl"]
    for _ in range(2):
        sqs.send_message(QueueUrl=queue, MessageBody="x")
    s3.create_bucket(Bucket="pages-bucket")
    s3.put_object(Bucket="pages-bucket", Key="a", Body=b"x" * 2_000)
    logs.create_log_group(logGroupName="/aws/lambda/pages-shown")
    logs.create_log_stream(logGroupName="/aws/lambda/pages-shown", logStreamName="2026/a")
    line = {"timestamp": int(time.time() * 1000), "message": f"a line {HARM}\x1b[2J"}
    logs.put_log_events(logGroupName="/aws/lambda/pages-shown", logStreamName="2026/a", logEvents=[line])
    return str(output["OutputValue"])


def mail(cloud: CloudServer, url: str) -> None:
    """A topic is given what one of its two subscribers takes."""
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="pages-news")["TopicArn"]
    for reviewer in ("pages-ada@example.org", "pages-grace@example.org"):
        policy = json.dumps({"reviewer": [reviewer]})
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=reviewer, Attributes={"FilterPolicy": policy})
    said = {"reviewer": {"DataType": "String", "StringValue": "pages-ada@example.org"}}
    message = f"{HARM}\n{url}decide/1\nThanks"
    sns.publish(TopicArn=topic, Subject="Please decide", Message=message, MessageAttributes=said)


def tell(cloud: CloudServer) -> None:
    """The bus is given an event."""
    entry = {"Source": "pages", "DetailType": f"Told {HARM}", "Detail": json.dumps({"said": HARM})}
    cloud.client("events").put_events(Entries=[entry])


def test_the_outbox_says_whom_a_mail_would_have_reached(cloud_server: CloudServer, url: str) -> None:
    mail(cloud_server, url)

    body = read(cloud_server, "pages/outbox")

    assert "topic pages-news · to email pages-ada@example.org</p>" in body
    assert "pages-grace@example.org" not in body
    assert f'<a href="{url}decide/1">' in body


def test_a_mail_that_nobody_takes_says_so(cloud_server: CloudServer, url: str) -> None:
    topic = cloud_server.client("sns").create_topic(Name="pages-nobody")["TopicArn"]
    cloud_server.client("sns").publish(TopicArn=topic, Message="heard by nobody")

    assert "topic pages-nobody · to nobody: no subscription takes it" in read(cloud_server, "pages/outbox")


def test_queues_have_their_depth_and_buckets_what_lies_in_them(cloud_server: CloudServer, url: str) -> None:
    body = read(cloud_server, "")

    assert '<th scope="row">pages-queue</th><td>2</td><td>0</td><td>0</td>' in body
    assert '<th scope="row">pages-bucket</th><td>1</td><td>2</td>' in body


def test_the_bus_and_the_logs_are_read_and_do_nothing(cloud_server: CloudServer, url: str) -> None:
    tell(cloud_server)
    mail(cloud_server, url)

    told, groups = read(cloud_server, "pages/events"), read(cloud_server, "pages/logs")
    lines = read(cloud_server, "pages/logs?group=/aws/lambda/pages-shown")

    assert "Told &lt;img" in told
    assert 'href="/_localcloud/pages/logs?group=/aws/lambda/pages-shown"' in groups
    assert "a line &lt;img" in lines
    assert "\\x1b[2J" in lines
    assert not any("<img" in read(cloud_server, path) for path in PAGES)


def test_a_log_group_that_is_not_there_is_no_page(cloud_server: CloudServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        read(cloud_server, "pages/logs?group=nothing")

    assert refused.value.code == 400
    refused.value.close()


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")], ids=str)
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_nothing_of_the_pages_keeps_anybody_from_reading_them(
    cloud_server: CloudServer, url: str, screen: Page
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options: Any = {"runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"]}
    tell(cloud_server)
    mail(cloud_server, url)

    for path in PAGES:
        screen.goto(f"{cloud_server.url}/_localcloud/{path}")

        found = Axe().run(screen, options=options).response["violations"]

        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert screen.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert len(read(cloud_server, path).encode()) < LARGEST


@pytest.mark.browser
def test_a_link_of_the_outbox_leads_to_a_functions_page(cloud_server: CloudServer, url: str, page: Page) -> None:
    mail(cloud_server, url)
    page.goto(f"{cloud_server.url}/_localcloud/pages/outbox")

    page.get_by_role("link", name=f"{url}decide/1").first.click()

    assert page.get_by_role("heading", name="Decide").count() == 1
    said = eventually(lambda: _said(cloud_server), 20, "what the function wrote")
    assert "asked for /decide/1" in said


def _said(cloud: CloudServer) -> str:
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/pages-shown-")["logGroups"]
    return read(cloud, f"pages/logs?{urllib.parse.urlencode({'group': groups[0]['logGroupName']})}") if groups else ""
