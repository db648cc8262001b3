"""HTTP APIs: documents are imported, and served under stages as they are.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/operations.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from localcloud.gateway import apis, documents, views
from localcloud.gateway.apis import Api, Stage
from localcloud.gateway.documents import Kind, NotPlayed
from localcloud.gateway.operations import Asked, Conflict, Played, add, delete_api, delete_stage, document, plain
from localcloud.settings import Cloud


def _import_http(region: str, asked: Asked, cloud: Cloud) -> dict[str, Any]:
    return _view(add(region, Kind.HTTP, document(asked, "Body", Kind.HTTP), ["REGIONAL"]), cloud)


def _reimport_http(region: str, asked: Asked, cloud: Cloud) -> dict[str, Any]:
    api = _http(region, asked)
    api.document = document(asked, "Body", Kind.HTTP)
    return _view(api, cloud)


def _view(api: Api, cloud: Cloud) -> dict[str, Any]:
    return views.http_api(api, cloud.api_url(api.id))


def _http(region: str, asked: Asked) -> Api:
    return apis.existing(region, Kind.HTTP, asked["ApiId"])


def _routes(api: Api) -> dict[str, Any]:
    return {"Items": [views.route(api, one) for one in documents.routes(api.document, Kind.HTTP)]}


def _create_http_stage(region: str, asked: Asked) -> dict[str, Any]:
    api, name = _http(region, asked), asked["StageName"]
    if name in api.stages:
        raise Conflict("Stage already exists")
    if not asked.get("AutoDeploy"):
        raise NotPlayed("A stage of an HTTP API without AutoDeploy is not played by the local cloud")
    api.stages[name] = Stage(name, None, {}, tags=dict(asked.get("Tags") or {}))
    return _set_http_stage(api.stages[name], asked)


def _update_http_stage(region: str, asked: Asked) -> dict[str, Any]:
    if "AutoDeploy" in asked and not asked["AutoDeploy"]:
        raise NotPlayed("A stage of an HTTP API without AutoDeploy is not played by the local cloud")
    return _set_http_stage(_http(region, asked).stage(asked["StageName"]), asked)


def _set_http_stage(stage: Stage, asked: Asked) -> dict[str, Any]:
    stage.variables = dict(asked.get("StageVariables", stage.variables))
    stage.description = asked.get("Description", stage.description)
    stage.updated = datetime.now(UTC)
    return views.http_stage(stage)


PLAYED: Played = {
    "ImportApi": (_import_http, "Body"),
    "ReimportApi": (_reimport_http, "ApiId Body"),
    "GetApi": (lambda region, asked, cloud: _view(_http(region, asked), cloud), "ApiId"),
    "GetApis": (
        lambda region, asked, cloud: {
            "Items": [_view(api, cloud) for api in apis.of_region(region, Kind.HTTP).values()]
        },
        "",
    ),
    "DeleteApi": (delete_api(Kind.HTTP, "ApiId"), "ApiId"),
    "GetRoutes": (
        plain(lambda region, asked: _routes(_http(region, asked))),
        "ApiId",
    ),
    "CreateStage": (plain(_create_http_stage), "ApiId StageName AutoDeploy StageVariables Description Tags"),
    "UpdateStage": (plain(_update_http_stage), "ApiId StageName AutoDeploy StageVariables Description"),
    "GetStage": (
        plain(lambda region, asked: views.http_stage(_http(region, asked).stage(asked["StageName"]))),
        "ApiId StageName",
    ),
    "GetStages": (
        plain(lambda region, asked: {
            "Items": [views.http_stage(one) for one in _http(region, asked).stages.values()]
        }),
        "ApiId",
    ),
    "DeleteStage": (delete_stage(Kind.HTTP, "ApiId", "StageName"), "ApiId StageName"),
}  # fmt: skip
