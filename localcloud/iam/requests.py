"""What an HTTP request asks for: service, operation and parameters from each protocol that AWS speaks.

The body is read and put back, so that whoever answers finds it whole.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.parsers import ResponseParserError, RpcV2CBORParser

from localcloud.front.refusals import operation_of, service_of
from localcloud.iam import actions, attached, request_keys, s3
from localcloud.iam.permissions import Place, RequiredPermission

LARGEST_BODY_BYTES = 16 << 20
_INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_RPC = re.compile(r"/service/[^/]+/operation/(\w+)")
_ENDPOINT = re.compile(r"/endpoints/([^/]+)/invocations")
machine_of_token: Callable[[str], str | None] = lambda token: None  # stepfunctions sets it  # noqa: E731
execution_of_callback: Callable[[str], str | None] = lambda token: None  # sagemaker sets it  # noqa: E731


def needs(environ: dict[str, Any], place: Place) -> list[RequiredPermission]:
    """The permissions that a request needs."""
    service = service_of(environ)
    if service == "s3":
        return s3.needs(environ["REQUEST_METHOD"], path_of(environ), environ.get("QUERY_STRING", ""), headers(environ))
    operation, parameters = _asked(environ)
    if "taskToken" in parameters and (machine := machine_of_token(parameters["taskToken"])):
        parameters = {**parameters, "stateMachineArn": machine}
    if "CallbackToken" in parameters and (execution := execution_of_callback(parameters["CallbackToken"])):
        parameters = {**parameters, "PipelineExecutionArn": execution}
    if service == "iam" and (role := attached.standing_role(str(parameters.get("RoleName", "")), place.account)):
        parameters = {**parameters, "Role": role}
    found = actions.needs(service, operation, parameters, place)
    return request_keys.leading_keys(found, parameters, attached.partition_key) if service == "dynamodb" else found


def path_of(environ: Mapping[str, Any]) -> str:
    """The path as it was sent, still quoted."""
    sent = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"])
    return sent.partition("?")[0]


def headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """Headers by their names in lower case."""
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _asked(environ: dict[str, Any]) -> tuple[str, Mapping[str, Any]]:
    path = path_of(environ)
    if matched := _ENDPOINT.search(path):
        return "InvokeEndpoint", {"EndpointName": unquote(matched[1])}
    if matched := _INVOKE.search(path):
        qualifier = dict(parse_qsl(environ.get("QUERY_STRING", ""))).get("Qualifier")
        return "Invoke", {"FunctionName": unquote(matched[1]), "Qualifier": qualifier}
    if matched := _RPC.search(path):
        return matched[1], _cbor(body_of(environ))
    operation = operation_of(environ)
    if environ.get("HTTP_X_AMZ_TARGET"):
        return operation, _json(body_of(environ))
    if environ.get("localcloud.action"):
        return operation, dict(parse_qsl(body_of(environ).decode(errors="replace")))
    return operation, {}


def body_of(environ: dict[str, Any]) -> bytes:
    """The request's body, which stays readable."""
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < size <= LARGEST_BODY_BYTES:
        return b""
    body: bytes = environ["wsgi.input"].read(size)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _cbor(body: bytes) -> Mapping[str, Any]:
    """CloudWatch's way. Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html"""
    parser = RpcV2CBORParser()
    try:
        found = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}
    except (ResponseParserError, ValueError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}
