"""REST APIs: documents are imported, deployed, and served under stages.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_Operations_Amazon_API_Gateway.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from localcloud.gateway import apis, documents, views
from localcloud.gateway.apis import Api, Stage
from localcloud.gateway.documents import Kind, NotPlayed
from localcloud.gateway.operations import Asked, Conflict, Played, add, delete_api, delete_stage, document, plain

_PATCHED = ("/deploymentId", "/description", "/tracingEnabled")
_VARIABLE = "/variables/"


def _import_rest(region: str, asked: Asked) -> dict[str, Any]:
    parameters = {
        name: value for name, value in (asked.get("parameters") or {}).items() if name != "mode"
    }  # the path's
    types = parameters.pop("endpointConfigurationTypes", "EDGE").split(",")
    if parameters:
        raise NotPlayed(f"The parameter {min(parameters)} of an import is not played by the local cloud")
    return views.rest_api(add(region, Kind.REST, document(asked, "body", Kind.REST), types))


def _put_rest(region: str, asked: Asked) -> dict[str, Any]:
    api = _rest(region, asked)
    if asked.get("mode", "merge") != "overwrite":
        raise NotPlayed("The mode merge is not played by the local cloud: mode overwrite is")
    api.document = document(asked, "body", Kind.REST)
    return views.rest_api(api)


def _rest(region: str, asked: Asked) -> Api:
    return apis.existing(region, Kind.REST, asked["restApiId"])


def _create_deployment(region: str, asked: Asked) -> dict[str, Any]:
    api = _rest(region, asked)
    if not documents.routes(api.document, api.kind):
        raise documents.Invalid("The REST API doesn't contain any methods")
    made = api.deploy(asked.get("description", ""))
    if name := asked.get("stageName"):
        known = api.stages.get(name)
        variables = dict(asked.get("variables") or (known.variables if known else {}))
        described = asked.get("stageDescription", known.description if known else "")
        api.stages[name] = Stage(name, made.id, variables, described, tracing=bool(asked.get("tracingEnabled")))
    return views.deployment(made)


def _delete_deployment(region: str, asked: Asked) -> None:
    api = _rest(region, asked)
    made = api.deployment(asked["deploymentId"])
    if any(stage.deployment_id == made.id for stage in api.stages.values()):
        raise documents.Invalid("Active stages pointing to this deployment must be moved or deleted")
    del api.deployments[made.id]


def _create_stage(region: str, asked: Asked) -> dict[str, Any]:
    api = _rest(region, asked)
    deployed, name = api.deployment(asked["deploymentId"]), asked["stageName"]
    if name in api.stages:
        raise Conflict("Stage already exists")
    stage = Stage(name, deployed.id, dict(asked.get("variables") or {}), asked.get("description", ""))
    stage.tracing, stage.tags = bool(asked.get("tracingEnabled")), dict(asked.get("tags") or {})
    api.stages[name] = stage
    return views.stage(stage)


def _update_stage(region: str, asked: Asked) -> dict[str, Any]:
    api = _rest(region, asked)
    stage = api.stage(asked["stageName"])
    for patch in asked.get("patchOperations") or []:
        _patch(api, stage, patch)
    stage.updated = datetime.now(UTC)
    return views.stage(stage)


def _patch(api: Api, stage: Stage, patch: Asked) -> None:
    path, value, operation = str(patch.get("path")), patch.get("value"), patch.get("op")
    if path.startswith(_VARIABLE) and operation in ("add", "replace"):
        stage.variables[path.removeprefix(_VARIABLE)] = str(value)
    elif path.startswith(_VARIABLE) and operation == "remove":
        stage.variables.pop(path.removeprefix(_VARIABLE), None)
    elif operation != "replace" or path not in _PATCHED:
        raise NotPlayed(f"The patch operation {operation} of {path} is not played by the local cloud")
    elif path == "/deploymentId":
        stage.deployment_id = api.deployment(str(value)).id
    elif path == "/description":
        stage.description = str(value)
    else:
        stage.tracing = str(value).lower() == "true"


def _list_rest(region: str, _: Asked) -> dict[str, Any]:
    return {"items": [views.rest_api(api) for api in apis.of_region(region, Kind.REST).values()]}


PLAYED: Played = {
    "ImportRestApi": (plain(_import_rest), "body parameters"),
    "PutRestApi": (plain(_put_rest), "restApiId mode body"),
    "GetRestApi": (plain(lambda region, asked: views.rest_api(_rest(region, asked))), "restApiId"),
    "GetRestApis": (plain(_list_rest), ""),
    "DeleteRestApi": (delete_api(Kind.REST, "restApiId"), "restApiId"),
    "CreateDeployment": (
        plain(_create_deployment),
        "restApiId stageName stageDescription description variables tracingEnabled",
    ),
    "GetDeployment": (
        plain(lambda region, asked: views.deployment(_rest(region, asked).deployment(asked["deploymentId"]))),
        "restApiId deploymentId",
    ),
    "GetDeployments": (
        plain(lambda region, asked: {
            "items": [views.deployment(one) for one in _rest(region, asked).deployments.values()]
        }),
        "restApiId",
    ),
    "DeleteDeployment": (plain(_delete_deployment), "restApiId deploymentId"),
    "CreateStage": (
        plain(_create_stage),
        "restApiId stageName deploymentId description variables tracingEnabled tags",
    ),
    "UpdateStage": (plain(_update_stage), "restApiId stageName patchOperations"),
    "GetStage": (
        plain(lambda region, asked: views.stage(_rest(region, asked).stage(asked["stageName"]))),
        "restApiId stageName",
    ),
    "GetStages": (
        plain(lambda region, asked: {
            "item": [
                views.stage(one)
                for one in _rest(region, asked).stages.values()
                if asked.get("deploymentId") in (None, one.deployment_id)
            ]
        }),
        "restApiId deploymentId",
    ),
    "DeleteStage": (delete_stage(Kind.REST, "restApiId", "stageName"), "restApiId stageName"),
}  # fmt: skip
