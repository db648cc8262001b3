"""APIs of a SAM template, called over HTTP: what reaches the function, and what comes back."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from cloud import CloudServer
from stacks import Stacks

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Timeout: 10, Runtime: python3.13, Handler: index.handler}
Resources:
  HelloWorldFunction:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import json
        def handler(event, context):
            return {"statusCode": 200, "body": json.dumps({"message": "hello world"})}
      Events:
        HelloWorld: {Type: Api, Properties: {Path: /hello, Method: get}}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import json
        def handler(event, context):
            return {"statusCode": 201, "body": json.dumps(event), "multiValueHeaders": {"X-Two": ["a", "b"]}}
      Events:
        Item: {Type: Api, Properties: {Path: "/items/{id}", Method: any}}
        Rest: {Type: Api, Properties: {Path: "/files/{proxy+}", Method: get}}
        Second: {Type: HttpApi, Properties: {Path: "/items/{id}", Method: post}}
        Else: {Type: HttpApi}
  Plain:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return {"given": event["rawPath"]}
      Events:
        Plain: {Type: HttpApi, Properties: {Path: /plain, Method: get}}
  Broken:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        def handler(event, context):
            return [1][event["httpMethod"] == "GET"] if event["path"] == "/dies" else "no object"
      Events:
        Dies: {Type: Api, Properties: {Path: /dies, Method: get}}
        Malformed: {Type: Api, Properties: {Path: /malformed, Method: get}}
Outputs:
  HelloWorldApi: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello/"}
  Rest: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod"}
  Http: {Value: !GetAtt ServerlessHttpApi.ApiEndpoint}
  Id: {Value: !Ref ServerlessRestApi}
"""


class Answered:
    """One HTTP answer."""

    def __init__(self, url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = urllib.request.Request(url, body, named, method=method)
        try:
            answer: Any = urllib.request.urlopen(asked, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@pytest.fixture(scope="module")
def urls(cloud_server: CloudServer) -> dict[str, str]:
    stacks = Stacks(cloud_server)
    return stacks.outputs(stacks.deploy(TEMPLATE))


def test_the_hello_app_answers_at_the_address_of_its_output(urls: dict[str, str]) -> None:
    answer = Answered(urls["HelloWorldApi"])

    assert (answer.status, answer.document) == (200, {"message": "hello world"})
    assert answer.headers["Content-Type"] == "application/json"


def test_a_rest_api_gives_a_function_the_first_format(urls: dict[str, str]) -> None:
    answer = Answered(f"{urls['Rest']}/items/a%20b?q=1&q=2&e=", "POST", b'{"n": 1}', Content_Type="application/json")

    event = answer.document
    assert answer.status == 201
    assert answer.headers.get_all("X-Two") == ["a", "b"]
    assert {key: event[key] for key in ("resource", "path", "httpMethod", "pathParameters", "body")} == {
        "resource": "/items/{id}",
        "path": "/items/a b",
        "httpMethod": "POST",
        "pathParameters": {"id": "a b"},
        "body": '{"n": 1}',
    }
    assert event["queryStringParameters"] == {"q": "2", "e": ""}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"], "e": [""]}
    assert event["headers"]["Content-Type"] == "application/json"
    context = event["requestContext"]
    assert (context["apiId"], context["stage"], context["path"]) == (urls["Id"], "Prod", "/Prod/items/a b")
    assert (event["isBase64Encoded"], event["stageVariables"]) == (False, None)


def test_a_greedy_parameter_takes_the_rest_of_the_path(urls: dict[str, str]) -> None:
    event = Answered(f"{urls['Rest']}/files/a/b/c.txt").document

    assert (event["resource"], event["pathParameters"]) == ("/files/{proxy+}", {"proxy": "a/b/c.txt"})


def test_an_http_api_gives_a_function_the_second_format(urls: dict[str, str]) -> None:
    sent = b"\xff\x00"
    event = Answered(
        f"{urls['Http']}/items/7?q=1&q=2", "POST", sent, Content_Type="image/png", Cookie="a=1; b=2"
    ).document

    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "POST /items/{id}", "/items/7")
    assert (event["rawQueryString"], event["queryStringParameters"]) == ("q=1&q=2", {"q": "1,2"})
    assert (event["cookies"], event["pathParameters"]) == (["a=1", "b=2"], {"id": "7"})
    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(sent).decode(), True)
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["stage"] == "$default"


def test_an_http_api_makes_a_response_of_whatever_a_function_returns(urls: dict[str, str]) -> None:
    answer = Answered(f"{urls['Http']}/plain")

    assert (answer.status, answer.document) == (200, {"given": "/plain"})


def test_the_default_route_takes_what_no_other_does(urls: dict[str, str]) -> None:
    event = Answered(f"{urls['Http']}/nowhere/else", "DELETE").document

    assert (event["routeKey"], event["rawPath"]) == ("$default", "/nowhere/else")


@pytest.mark.parametrize(("path", "status", "message"), [
    ("/nowhere", 403, "Missing Authentication Token"), ("/dies", 502, "Internal server error"),
    ("/malformed", 502, "Internal server error"),
])  # fmt: skip
def test_what_goes_wrong_is_told_as_api_gateway_tells_it(
    urls: dict[str, str], path: str, status: int, message: str
) -> None:
    answer = Answered(f"{urls['Rest']}{path}")

    assert (answer.status, answer.document) == (status, {"message": message})


def test_an_api_is_called_by_its_name_below_localhost(cloud_server: CloudServer, urls: dict[str, str]) -> None:
    port = cloud_server.url.rpartition(":")[2]
    answer = Answered(f"{cloud_server.url}/Prod/hello", Host=f"{urls['Id']}.execute-api.localhost:{port}")

    assert (answer.status, answer.document) == (200, {"message": "hello world"})


def test_no_page_in_a_browser_calls_an_api(urls: dict[str, str]) -> None:
    answer = Answered(urls["HelloWorldApi"], Origin="https://somewhere.example")

    assert answer.status == 403
    assert b"no page in a browser" in answer.body


def test_an_api_that_is_not_there_is_forbidden(cloud_server: CloudServer) -> None:
    answer = Answered(f"{cloud_server.url}/_apis/nobody/Prod/hello")

    assert (answer.status, answer.document) == (403, {"message": "Forbidden"})


def test_the_apis_own_operations_tell_what_is_there(cloud_server: CloudServer, urls: dict[str, str]) -> None:
    rest, http = cloud_server.client("apigateway"), cloud_server.client("apigatewayv2")

    assert urls["Id"] in [one["id"] for one in rest.get_rest_apis()["items"]]
    assert [one["stageName"] for one in rest.get_stages(restApiId=urls["Id"])["item"]] == ["Stage", "Prod"]
    found = next(one for one in http.get_apis()["Items"] if one["ApiEndpoint"] == urls["Http"])
    assert found["ProtocolType"] == "HTTP"
    keys = {one["RouteKey"] for one in http.get_routes(ApiId=found["ApiId"])["Items"]}
    assert keys == {"POST /items/{id}", "GET /plain", "$default"}
