"""Function URLs over HTTP: what they lead to, who may call, and that foreign pages and names change nothing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, start_cloud, stop_cloud

from cli.stack.signed_pages import Door
from cli.stack.target import Target

CODE = """
import json
def handler(event, context):
    path = event["rawPath"]
    if path == "/fails":
        raise ValueError("on purpose")
    if path == "/no-answer":
        return {"statusCode": 200, "body": 7}
    return {"statusCode": 200, "headers": {"content-type": "text/html"}, "body": json.dumps(event)}
"""
MAY = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
TEMPLATE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Page": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "InlineCode": CODE,
                "Handler": "index.handler",
                "Runtime": "python3.11",
                "FunctionUrlConfig": {"AuthType": "NONE"},
            },
        }
    },
    "Outputs": {
        "Url": {"Value": {"Fn::GetAtt": ["PageUrl", "FunctionUrl"]}},
        "Name": {"Value": {"Ref": "Page"}},
    },
}


@pytest.fixture(scope="module")
def page(enforcing: CloudServer) -> dict[str, str]:
    """URL and name of a function that a SAM template made."""
    return deployed(enforcing)


def deployed(cloud: CloudServer) -> dict[str, str]:
    api = cloud.client("cloudformation")
    api.create_stack(StackName="page", TemplateBody=json.dumps(TEMPLATE), Capabilities=MAY)

    def done() -> Any:
        found = api.describe_stacks(StackName="page")["Stacks"][0]
        assert "ROLLBACK" not in found["StackStatus"], found
        return found if found["StackStatus"] == "CREATE_COMPLETE" else None

    return {one["OutputKey"]: one["OutputValue"] for one in eventually(done, 60)["Outputs"]}


def ask(
    url: str, path: str = "/", method: str = "GET", headers: dict[str, str] | None = None, body: str = ""
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer; the name below localhost is loopback's."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", where.port, timeout=60)
    try:
        connection.request(method, path, body, {"Host": where.netloc, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_a_url_leads_to_its_function_and_carries_the_request(page: dict[str, str]) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    status, headers, body = ask(page["Url"], "/a/b?c=d&c=e", "POST", form, "x=1")

    event = json.loads(body)
    assert (status, headers["content-type"]) == (200, "text/html")
    assert (event["rawPath"], event["queryStringParameters"]) == ("/a/b", {"c": "d,e"})
    assert (event["body"], event["isBase64Encoded"]) == ("eD0x", True)
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["headers"]["host"] == urlsplit(page["Url"]).netloc


def test_the_clouds_own_pages_and_services_are_not_behind_it(page: dict[str, str]) -> None:
    for path in ("/_localcloud/health", "/moto-api/reset"):
        assert json.loads(ask(page["Url"], path)[2])["rawPath"] == path


@pytest.mark.parametrize("path", ["/fails", "/no-answer"])
def test_a_function_that_fails_or_answers_none_is_a_bad_gateway(page: dict[str, str], path: str) -> None:
    assert ask(page["Url"], path)[::2] == (502, "Internal Server Error")


def test_a_url_that_nobody_has_is_not_there(page: dict[str, str]) -> None:
    other = urlsplit(page["Url"])._replace(netloc="0" * 32 + urlsplit(page["Url"]).netloc[32:]).geturl()

    assert ask(other)[0] == 404


def test_a_page_asks_its_own_function_and_a_foreign_page_nothing(page: dict[str, str]) -> None:
    own = {"Origin": page["Url"].rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    silent = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}

    assert [ask(page["Url"], headers=given)[0] for given in (own, silent)] == [200, 200]
    for foreign in ({"Origin": "null"}, {"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert ask(page["Url"], method="POST", headers=foreign)[0] == 403


@pytest.mark.parametrize("statement", ["url", "function"])
def test_without_either_permission_nobody_is_let_in(
    enforcing: CloudServer, page: dict[str, str], statement: str
) -> None:
    api = enforcing.client("lambda")
    action = {"url": "lambda:InvokeFunctionUrl", "function": "lambda:InvokeFunction"}[statement]
    policy = json.loads(api.get_policy(FunctionName=page["Name"])["Policy"])["Statement"]
    taken = next(one for one in policy if one["Action"] == action)
    api.remove_permission(FunctionName=page["Name"], StatementId=taken["Sid"])
    try:
        assert ask(page["Url"])[0] == 403
    finally:
        more: dict[str, Any] = (
            {"FunctionUrlAuthType": "NONE"} if statement == "url" else {"InvokedViaFunctionUrl": True}
        )
        api.add_permission(FunctionName=page["Name"], StatementId=taken["Sid"], Action=action, Principal="*", **more)
    assert ask(page["Url"])[0] == 200


def test_the_permissions_hold_through_the_url_alone(enforcing: CloudServer, page: dict[str, str]) -> None:
    policy = json.loads(enforcing.client("lambda").get_policy(FunctionName=page["Name"])["Policy"])["Statement"]

    assert {one["Action"]: (one["Principal"], one["Condition"]) for one in policy} == {
        "lambda:InvokeFunctionUrl": ("*", {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
        "lambda:InvokeFunction": ("*", {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
    }


@pytest.fixture
def signed_only(enforcing: CloudServer, page: dict[str, str]) -> Iterator[None]:
    api = enforcing.client("lambda")
    api.update_function_url_config(FunctionName=page["Name"], AuthType="AWS_IAM")
    yield
    api.update_function_url_config(FunctionName=page["Name"], AuthType="NONE")


@pytest.mark.usefixtures("signed_only")
def test_a_url_that_asks_for_a_signature_takes_who_may_and_nobody_else(
    enforcing: CloudServer, page: dict[str, str]
) -> None:
    iam = enforcing.client("iam")
    keys = []
    for name, actions in (
        ("may", ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]),
        ("may-not", ["s3:GetObject"]),
    ):
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [statement]}))
        keys.append(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])

    assert ask(page["Url"])[0] == 403
    assert ask(page["Url"], "/?Action=ConfirmSubscription")[0] == 403
    for made in (
        datetime.now(UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
    ):  # not signed so, and over
        scope = f"local%2F{made:%Y%m%d}%2Fus-east-1%2Flambda%2Faws4_request"
        link = f"/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Date={made:%Y%m%dT%H%M%SZ}"
        assert ask(page["Url"], f"{link}&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=0")[0] == 403
    assert [ask(page["Url"], headers=signature(page["Url"], key))[0] for key in [*keys, "AKIAINVENTED"]] == [
        200,
        403,
        403,
    ]


@pytest.fixture
def door(signed_only: None, enforcing: CloudServer, page: dict[str, str]) -> Iterator[Door]:
    """A door to one link of the page, which wants signed requests."""
    opened = Door(f"{page['Url']}console/{'s' * 43}/models/churn", Target(enforcing.url, "page").sign)
    thread = Thread(target=opened.serve_forever)
    thread.start()
    yield opened
    opened.shutdown()
    opened.server_close()
    thread.join()


def test_a_browser_reads_and_decides_through_the_door_of_whoever_may(door: Door, page: dict[str, str]) -> None:
    link, form = urlsplit(door.address).path, {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}

    unsigned = ask(page["Url"], link)[0]
    status, headers, body = ask(door.address, f"{link}?follow")
    posted = json.loads(ask(door.address, link, "POST", form | {"Sec-Fetch-Site": "same-origin"}, "change=x")[2])

    assert (unsigned, status, headers["content-type"]) == (403, 200, "text/html")
    read = json.loads(body)
    assert (read["rawPath"], read["rawQueryString"]) == (link, "follow")
    assert read["requestContext"]["http"]["method"] == "GET"
    assert (posted["body"], posted["headers"]["content-type"]) == ("Y2hhbmdlPXg=", form["Content-Type"])


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 404),
        ("/console/" + "t" * 43, {}, 404),
        ("/console/" + "s" * 44, {}, 404),
        ("/decide/churn/3/" + "s" * 43, {}, 404),
        ("/console/" + "s" * 43, {"Host": "evil.test"}, 404),
        ("/console/" + "s" * 43, {"Origin": "http://evil.test"}, 403),
        ("/console/" + "s" * 43, {}, 200),
    ],
)
def test_the_door_signs_nothing_for_who_does_not_know_the_link(
    door: Door, path: str, headers: dict[str, str], status: int
) -> None:
    assert ask(door.address, path, headers=headers)[0] == status


def test_a_form_beyond_all_size_is_not_signed(door: Door) -> None:
    assert ask(door.address, urlsplit(door.address).path, "POST", {"Origin": "null"}, "x" * 70_000)[0] == 413


def test_what_is_no_link_has_no_door() -> None:
    with pytest.raises(ValueError, match="no link to a page"):
        Door("https://page.test/elsewhere", Target(None, "page").sign)


def signature(url: str, key: str) -> dict[str, str]:
    request = AWSRequest("GET", url)
    SigV4Auth(Credentials(key, "local"), "lambda", "us-east-1").add_auth(request)
    return dict(request.headers.items())


@pytest.mark.parametrize("more", [{"InvokeMode": "RESPONSE_STREAM"}, {"Cors": {"AllowOrigins": ["*"]}}])
def test_what_is_not_played_is_refused_by_name(
    enforcing: CloudServer, page: dict[str, str], more: dict[str, Any]
) -> None:
    api = enforcing.client("lambda")

    with pytest.raises(ClientError, match=next(iter(more))):
        api.create_function_url_config(FunctionName=page["Name"], AuthType="NONE", **more)


def test_a_url_leads_to_its_function_after_a_restart(tmp_path: Path) -> None:
    cloud = start_cloud(tmp_path, 0, "--keep")
    try:
        made = deployed(cloud)
    finally:
        stop_cloud(cloud)
    again = start_cloud(tmp_path, 0, "--keep")
    try:
        assert ask(made["Url"])[0] == 200
        assert again.client("lambda").get_function_url_config(FunctionName=made["Name"])["FunctionUrl"] == made["Url"]
    finally:
        stop_cloud(again)
