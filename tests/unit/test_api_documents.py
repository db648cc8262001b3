"""What a document asks of an API: routes, or a refusal by name; and which route a request takes."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.front import supported
from localcloud.gateway import documents, matching
from localcloud.gateway.documents import Invalid, Kind, NotPlayed, Route

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:hello"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
PROXY: dict[str, Any] = {"type": "aws_proxy", "httpMethod": "POST", "uri": URI}


def document(operation: dict[str, Any] | None = None, path: str = "/hello", method: str = "get", **more: Any) -> Any:
    asked = {"x-amazon-apigateway-integration": PROXY} if operation is None else operation
    return {"swagger": "2.0", "info": {"title": "x"}, "paths": {path: {method: asked}}, **more}


def with_integration(**changed: Any) -> Any:
    return document({"x-amazon-apigateway-integration": {**PROXY, **changed}})


def test_a_document_becomes_its_routes() -> None:
    found = documents.routes(document(), Kind.REST)

    assert found == (Route("GET", "/hello", FUNCTION, "1.0"),)


def test_an_alias_and_a_timeout_are_kept() -> None:
    uri = URI.replace(FUNCTION, f"{FUNCTION}:live")
    (found,) = documents.routes(with_integration(uri=uri, timeoutInMillis=5000), Kind.REST)

    assert (found.function, found.timeout_s) == (f"{FUNCTION}:live", 5.0)


def test_a_preflight_is_no_route() -> None:
    asked = {"x-amazon-apigateway-integration": {"type": "mock"}}

    assert documents.routes(document(asked, method="options"), Kind.REST) == ()


@pytest.mark.parametrize(("asked", "named"), [
    (document({"x-amazon-apigateway-integration": PROXY, "security": [{"Cognito": []}]}), "Cognito"),
    (document({"x-amazon-apigateway-integration": PROXY, "x-amazon-apigateway-request-validator": "all"}), "validator"),
    (document(securityDefinitions={"api_key": {"type": "apiKey"}}), "Authorizers and keys"),
    (document(components={"securitySchemes": {"sigv4": {}}}), "Authorizers and keys"),
    (document(**{"x-amazon-apigateway-gateway-responses": {}}), "x-amazon-apigateway-gateway-responses"),
    (document(**{"x-amazon-apigateway-policy": {}}), "x-amazon-apigateway-policy"),
    (with_integration(type="http_proxy", uri="https://example.com"), "http_proxy"),
    (with_integration(type="mock"), "mock"),
    (with_integration(type="aws", uri="arn:aws:apigateway:us-east-1:s3:path/bucket"), "aws"),
    (with_integration(uri="arn:aws:apigateway:us-east-1:sqs:path/queue"), "sqs"),
    (with_integration(credentials="arn:aws:iam::123456789012:role/x"), "credentials"),
    (with_integration(requestParameters={}), "requestParameters"),
])  # fmt: skip
def test_what_is_not_played_is_refused_by_name(asked: Any, named: str) -> None:
    with pytest.raises(NotPlayed, match=named):
        documents.routes(asked, Kind.REST)


@pytest.mark.parametrize(("asked", "kind", "why"), [
    ({"openapi": "3.0.1"}, Kind.HTTP, "no paths"),
    (document({"responses": {}}), Kind.REST, "No integration defined"),
    (with_integration(payloadFormatVersion="2.0"), Kind.REST, "payloadFormatVersion"),
    (with_integration(payloadFormatVersion="3.0"), Kind.HTTP, "payloadFormatVersion"),
])  # fmt: skip
def test_what_aws_would_not_take_is_invalid(asked: Any, kind: Kind, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        documents.routes(asked, kind)


def routes(*keys: str) -> tuple[Route, ...]:
    pairs = [key.split(" ") if " " in key else ["ANY", key] for key in keys]
    return tuple(Route(method, path, FUNCTION, "1.0") for method, path in pairs)


ROUTES = routes("GET /", "GET /a/b", "GET /a/{x}", "POST /a/b", "ANY /a/{x}/c", "GET /a/{rest+}", "GET /{all+}")


@pytest.mark.parametrize(("asked", "path", "parameters"), [
    ("GET /", "/", {}), ("GET /a/b", "/a/b", {}), ("GET /a/b/", "/a/b", {}), ("GET /a/z", "/a/{x}", {"x": "z"}),
    ("GET /a/z/c", "/a/{x}/c", {"x": "z"}), ("DELETE /a/z/c", "/a/{x}/c", {"x": "z"}),
    ("GET /a/z/d", "/a/{rest+}", {"rest": "z/d"}), ("GET /q/w", "/{all+}", {"all": "q/w"}),
    ("PUT /a/b", None, {}), ("POST /q/w", None, {}),
])  # fmt: skip
def test_a_rest_api_takes_the_most_specific_path_and_then_the_method(
    asked: str, path: str | None, parameters: dict[str, str]
) -> None:
    method, _, asked_path = asked.partition(" ")
    found = matching.find(ROUTES, Kind.REST, method, asked_path)

    assert (found and found.route.path, found.parameters if found else {}) == (path, parameters)


@pytest.mark.parametrize(("asked", "key"), [
    ("GET /a/b", "GET /a/b"), ("PUT /a/b", "PUT /{all+}"), ("GET /a/b/", "$default"), ("GET /x", "ANY /x"),
    ("PATCH /nowhere", "$default"),
])  # fmt: skip
def test_an_http_api_looks_for_method_and_path_at_once(asked: str, key: str) -> None:
    known = routes("GET /a/b", "PUT /{all+}", "ANY /x", "$default")
    method, _, path = asked.partition(" ")
    found = matching.find(known, Kind.HTTP, method, path)

    assert found is not None
    assert found.route.key == key


def test_the_table_of_services_has_the_operations_that_are_played() -> None:
    from localcloud.gateway import http_apis, rest_apis

    assert set(rest_apis.PLAYED) == supported.REST_APIS_PLAYED
    assert set(http_apis.PLAYED) == supported.HTTP_APIS_PLAYED
