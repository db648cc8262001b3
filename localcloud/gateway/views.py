"""APIs, deployments and stages as API Gateway describes them. Pure."""

from __future__ import annotations

import hashlib
from string import ascii_lowercase, digits
from typing import Any

from localcloud.gateway.apis import Api, Deployment, Stage
from localcloud.gateway.documents import BINARY, Route

IDS = ascii_lowercase + digits


def rest_api(api: Api) -> dict[str, Any]:
    """A REST API."""
    info = api.document.get("info") or {}
    return {
        "id": api.id,
        "name": str(info.get("title", "")),
        "description": str(info.get("description", "")),
        "version": str(info.get("version", "")),
        "createdDate": api.created,
        "apiKeySource": "HEADER",
        "endpointConfiguration": {"types": api.endpoint_types},
        "binaryMediaTypes": api.document.get(BINARY) or None,
        "tags": api.tags or None,
        "disableExecuteApiEndpoint": False,
        "rootResourceId": api.root_id,
    }


def deployment(made: Deployment) -> dict[str, Any]:
    """A deployment of a REST API."""
    return {"id": made.id, "description": made.description, "createdDate": made.created}


def stage(one: Stage) -> dict[str, Any]:
    """A stage of a REST API."""
    return {
        "stageName": one.name,
        "deploymentId": one.deployment_id,
        "description": one.description or None,
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "variables": one.variables or None,
        "tracingEnabled": one.tracing,
        "tags": one.tags or None,
        "createdDate": one.created,
        "lastUpdatedDate": one.updated,
    }


def http_api(api: Api, address: str) -> dict[str, Any]:
    """An HTTP API; ``address`` is where it is called here."""
    info = api.document.get("info") or {}
    return {
        "ApiId": api.id,
        "ApiEndpoint": address,
        "ApiKeySelectionExpression": "$request.header.x-api-key",
        "CreatedDate": api.created,
        "Description": str(info["description"]) if "description" in info else None,
        "DisableExecuteApiEndpoint": False,
        "Name": str(info.get("title", "")),
        "ProtocolType": "HTTP",
        "RouteSelectionExpression": "$request.method $request.path",
        "Tags": api.tags or None,
        "Version": str(info["version"]) if "version" in info else None,
    }


def http_stage(one: Stage) -> dict[str, Any]:
    """A stage of an HTTP API."""
    return {
        "StageName": one.name,
        "AutoDeploy": True,
        "Description": one.description or None,
        "CreatedDate": one.created,
        "LastUpdatedDate": one.updated,
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        "RouteSettings": {},
        "StageVariables": one.variables,
        "Tags": one.tags or None,
    }


def route(api: Api, one: Route) -> dict[str, Any]:
    """A route of an HTTP API, with ids that stay as long as what they are of."""
    return {
        "RouteId": _stable_id(api.id, one.key),
        "RouteKey": one.key,
        "Target": f"integrations/{_stable_id(api.id, one.function)}",
        "ApiGatewayManaged": False,
        "ApiKeyRequired": False,
        "AuthorizationType": "NONE",
    }


def _stable_id(*of: str) -> str:
    """Seven small letters and digits, as API Gateway's ids have."""
    number = int.from_bytes(hashlib.sha256("/".join(of).encode()).digest())
    return "".join(IDS[number // len(IDS) ** place % len(IDS)] for place in range(7))
