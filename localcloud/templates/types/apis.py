"""API Gateway's APIs, deployments and stages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import boolean, picked

_BINARY = "x-amazon-apigateway-binary-media-types"
_ADVICE = "the local cloud takes the routes of an API from its Body or BodyS3Location"


def _document(place: Place, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The OpenAPI document of an API, with what the resource says besides."""
    found = wanted.get("Body")
    if where := wanted.get("BodyS3Location"):
        version = {"VersionId": where["Version"]} if "Version" in where else {}
        body = place.client("s3").get_object(Bucket=where["Bucket"], Key=where["Key"], **version)["Body"]
        found = yaml.safe_load(body.read())
    if not isinstance(found, dict):
        raise ResourceFailed(f"{place.logical_id} has no Body: {_ADVICE}")
    info = dict(found.get("info") or {"title": place.logical_id, "version": "1.0"})
    info |= picked(wanted, title="Name", description="Description")
    document = {**found, "info": info} | picked(wanted, **{_BINARY: "BinaryMediaTypes"})
    stated = wanted.get("Tags") or {}
    own = stated if isinstance(stated, dict) else {tag["Key"]: tag["Value"] for tag in stated}
    tags = [{"name": key, "x-amazon-apigateway-tag-value": value} for key, value in {**place.tags, **own}.items()]
    return {**document, "tags": [*(found.get("tags") or []), *tags]} if tags else document


class RestApi(Kind):
    """Ref is the API's id."""

    type = "AWS::ApiGateway::RestApi"
    properties = "Name Description Body BodyS3Location BinaryMediaTypes EndpointConfiguration Tags"
    replaces = "EndpointConfiguration"

    def create(self, place: Place, wanted: Properties) -> Made:
        configured = dict(wanted.get("EndpointConfiguration") or {})
        types = configured.pop("Types", ["EDGE"])
        if configured or "PRIVATE" in types:
            raise ResourceFailed(
                f"EndpointConfiguration {json.dumps(wanted['EndpointConfiguration'])} is not played by the local cloud"
            )
        body = json.dumps(_document(place, wanted))
        parameters = {"endpointConfigurationTypes": ",".join(types)}
        made = place.client("apigateway").import_rest_api(body=body, parameters=parameters)
        return Made(made["id"], {"RestApiId": made["id"], "RootResourceId": made["rootResourceId"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        body = json.dumps(_document(place, new))
        place.client("apigateway").put_rest_api(restApiId=made.physical_id, mode="overwrite", body=body)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("apigateway").delete_rest_api(restApiId=made.physical_id)


class Deployment(Kind):
    """Ref is the deployment's id. With a StageName it makes, or moves, that stage."""

    type = "AWS::ApiGateway::Deployment"
    properties = "RestApiId Description StageName"
    required = "RestApiId"
    replaces = "*"

    def create(self, place: Place, wanted: Properties) -> Made:
        values = picked(wanted, restApiId="RestApiId", description="Description", stageName="StageName")
        made = place.client("apigateway").create_deployment(**values)
        return Made(made["id"], {"DeploymentId": made["id"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        client, api = place.client("apigateway"), properties["RestApiId"]
        for stage in client.get_stages(restApiId=api, deploymentId=made.physical_id)["item"]:
            if stage["stageName"] == properties.get("StageName"):
                client.delete_stage(restApiId=api, stageName=stage["stageName"])
        client.delete_deployment(restApiId=api, deploymentId=made.physical_id)


class Stage(Kind):
    """Ref is the stage's name."""

    type = "AWS::ApiGateway::Stage"
    properties = "RestApiId StageName DeploymentId Description Variables TracingEnabled Tags"
    required = "RestApiId StageName DeploymentId"
    replaces = "RestApiId StageName Tags"

    def create(self, place: Place, wanted: Properties) -> Made:
        values = picked(
            wanted,
            restApiId="RestApiId",
            stageName="StageName",
            deploymentId="DeploymentId",
            description="Description",
            variables="Variables",
        )
        traced = bool(boolean(wanted.get("TracingEnabled", False)))
        tags = place.tag_map(wanted.get("Tags"))
        place.client("apigateway").create_stage(**values, tracingEnabled=traced, tags=tags)
        return Made(wanted["StageName"])

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        patches = [
            {"op": "replace", "path": path, "value": str(boolean(new.get(name, default)))}
            for name, path, default in (
                ("DeploymentId", "/deploymentId", ""),
                ("Description", "/description", ""),
                ("TracingEnabled", "/tracingEnabled", False),
            )
            if changed(old, new, name)
        ]
        before, after = old.get("Variables") or {}, new.get("Variables") or {}
        patches += [{"op": "remove", "path": f"/variables/{name}"} for name in before if name not in after]
        patches += [{"op": "replace", "path": f"/variables/{name}", "value": after[name]} for name in after]
        client = place.client("apigateway")
        client.update_stage(restApiId=new["RestApiId"], stageName=made.physical_id, patchOperations=patches)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("apigateway").delete_stage(restApiId=properties["RestApiId"], stageName=made.physical_id)


class HttpApi(Kind):
    """Ref is the API's id."""

    type = "AWS::ApiGatewayV2::Api"
    properties = "Name Description Body BodyS3Location Tags"

    def create(self, place: Place, wanted: Properties) -> Made:
        made = place.client("apigatewayv2").import_api(Body=json.dumps(_document(place, wanted)))
        return Made(made["ApiId"], {"ApiId": made["ApiId"], "ApiEndpoint": made["ApiEndpoint"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        body = json.dumps(_document(place, new))
        place.client("apigatewayv2").reimport_api(ApiId=made.physical_id, Body=body)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("apigatewayv2").delete_api(ApiId=made.physical_id)


class HttpStage(Kind):
    """Ref is the stage's name."""

    type = "AWS::ApiGatewayV2::Stage"
    properties = "ApiId StageName AutoDeploy StageVariables Description Tags"
    required = "ApiId StageName"
    replaces = "ApiId StageName Tags"

    def create(self, place: Place, wanted: Properties) -> Made:
        values = picked(wanted, "ApiId", "StageName", "StageVariables", "Description")
        tags = place.tag_map(wanted.get("Tags"))
        automatic = bool(boolean(wanted.get("AutoDeploy", False)))
        place.client("apigatewayv2").create_stage(**values, AutoDeploy=automatic, Tags=tags)
        return Made(wanted["StageName"])

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        values = {"StageVariables": new.get("StageVariables", {}), "Description": new.get("Description", "")}
        automatic = bool(boolean(new.get("AutoDeploy", False)))
        client = place.client("apigatewayv2")
        client.update_stage(ApiId=new["ApiId"], StageName=made.physical_id, AutoDeploy=automatic, **values)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("apigatewayv2").delete_stage(ApiId=properties["ApiId"], StageName=made.physical_id)
