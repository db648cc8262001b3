"""Which permissions an HTTP request needs, whichever of AWS's protocols it speaks.

The body is read and put back, so that whoever answers finds it whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.front.malformed.texts import body_of
from localcloud.front.operation_names import operation_name
from localcloud.front.refusals import operation_of, service_of
from localcloud.iam import actions, attached, claims, request_keys, s3
from localcloud.iam.permissions import Place, RequiredPermission

machine_of_token: Callable[[str], str | None] = lambda token: None  # stepfunctions sets it  # noqa: E731
execution_of_callback: Callable[[str], str | None] = lambda token: None  # sagemaker sets it  # noqa: E731


def needs(environ: dict[str, Any], place: Place) -> list[RequiredPermission]:
    """The permissions that a request needs.

    Raises:
        Contradiction: it names more than one operation.
        NotImplementedError: what it needs is not known here.
    """
    service = service_of(environ)
    if service == "s3":
        method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        return s3.needs(method, path_of(environ), query, headers(environ), body_of(environ))
    claim = claims.of(environ, path_of(environ))
    named = claims.of_function(environ, path_of(environ)) if service == "lambda" else {}
    operation, parameters = claim or claims.Claim(_by_path(environ, service) or operation_of(environ), named)
    if "taskToken" in parameters and (machine := machine_of_token(parameters["taskToken"])):
        parameters = {**parameters, "stateMachineArn": machine}
    if "CallbackToken" in parameters and (execution := execution_of_callback(parameters["CallbackToken"])):
        parameters = {**parameters, "PipelineExecutionArn": execution}
    if service == "iam" and (role := attached.standing_role(str(parameters.get("RoleName", "")), place.account)):
        parameters = {**parameters, "Role": role}
    if service == "kms" and (tags := attached.tags_of_key(str(parameters.get("KeyId", "")), place)):
        parameters = {**parameters, "KeyTags": tags}
    found = actions.needs(service, operation, parameters, place)
    return request_keys.item_keys(found, parameters, attached.partition_key) if service == "dynamodb" else found


def _by_path(environ: Mapping[str, Any], service: str) -> str | None:
    """The operation of a service whose requests say it by method and path; None: it is none of those."""
    query, names = str(environ.get("QUERY_STRING", "")), frozenset(headers(environ))
    return operation_name(service, str(environ["REQUEST_METHOD"]), path_of(environ), query, names)


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


def all_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The same, with those that WSGI keeps by another name: what the body is, and how long."""
    own = {"content-type": environ.get("CONTENT_TYPE"), "content-length": environ.get("CONTENT_LENGTH")}
    return headers(environ) | {name: str(value) for name, value in own.items() if value}
