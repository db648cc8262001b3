"""Models and endpoint configurations: what an endpoint is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from localcloud.sagemaker import api_shapes, roles, storage
from localcloud.sagemaker.api_shapes import Context, Request, answer_page, invalid, now, page
from localcloud.sagemaker.endpoints import shadows
from localcloud.sagemaker.endpoints.variant_properties import BadVariants, Variants
from localcloud.sagemaker.registry import Registry


@dataclass(frozen=True)
class Named:
    """A model or an endpoint configuration."""

    name: str
    arn: str
    created: datetime
    request: Mapping[str, Any]


class Models:
    """All models and endpoint configurations of this cloud."""

    def __init__(self, context: Context, registry: Registry) -> None:
        self.context = context
        self.registry = registry
        self.models: dict[str, Named] = {}
        self.configs: dict[str, Named] = {}

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on models and endpoint configurations."""
        return {
            "CreateModel": self.create, "DescribeModel": self.describe, "ListModels": self.list_all,
            "DeleteModel": self.delete, "CreateEndpointConfig": self.create_config,
            "DescribeEndpointConfig": self.describe_config, "ListEndpointConfigs": self.list_configs,
            "DeleteEndpointConfig": self.delete_config,
        }  # fmt: skip

    def create(self, request: Request) -> dict[str, Any]:
        """CreateModel; its data and packages must exist."""
        api_shapes.check("CreateModel", request)
        name = request["ModelName"]
        for container in declared(request):
            self.check_container(container, str(request.get("ExecutionRoleArn") or ""))
        with self.context.lock:
            if name in self.models:
                raise invalid(f'Cannot create already existing model "{self.models[name].arn}".')
            arn = self.context.arn("model", name)
            kept = {key: value for key, value in request.items() if key != "Tags"}
            self.models[name] = Named(name, arn, now(), kept)
            self.context.tag(arn, request.get("Tags"))
        return {"ModelArn": arn}

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribeModel."""
        model = self.model(request["ModelName"])
        kept = {"EnableNetworkIsolation": False} | dict(model.request)
        return kept | {"ModelArn": model.arn, "CreationTime": model.created}

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListModels."""
        items, token = self._page(self.models, request)
        shown = [{"ModelName": m.name, "ModelArn": m.arn, "CreationTime": m.created} for m in items]
        return answer_page("Models", shown, token)

    def delete(self, request: Request) -> None:
        """DeleteModel."""
        with self.context.lock:
            del self.models[self.model(request["ModelName"]).name]

    def create_config(self, request: Request) -> dict[str, Any]:
        """CreateEndpointConfig; its models must exist."""
        api_shapes.check("CreateEndpointConfig", request)
        name = request["EndpointConfigName"]
        try:
            shadows.refuse_misfits(request)
            shadows.refuse_key(request)
            named = [variant["ModelName"] for variant in shadows.declared(request)]
            shadows.refuse_excluded(request, {name: len(declared(self.model(name).request)) for name in named})
        except BadVariants as error:
            raise invalid(str(error)) from error
        if request.get("DataCaptureConfig") and any(one.get("ServerlessConfig") for one in shadows.declared(request)):
            raise invalid("DataCaptureConfig is not supported for serverless endpoints.")
        with self.context.lock:
            if name in self.configs:
                raise invalid(f'Cannot create already existing endpoint configuration "{self.configs[name].arn}".')
            arn = self.context.arn("endpoint-config", name)
            kept = {key: value for key, value in request.items() if key != "Tags"}
            self.configs[name] = Named(name, arn, now(), kept)
            self.context.tag(arn, request.get("Tags"))
        return {"EndpointConfigArn": arn}

    def describe_config(self, request: Request) -> dict[str, Any]:
        """DescribeEndpointConfig."""
        config = self.config(request["EndpointConfigName"])
        return dict(config.request) | {
            "EndpointConfigArn": config.arn, "CreationTime": config.created, "EnableNetworkIsolation": False,
        }  # fmt: skip

    def list_configs(self, request: Request) -> dict[str, Any]:
        """ListEndpointConfigs."""
        items, token = self._page(self.configs, request)
        shown = [{"EndpointConfigName": c.name, "EndpointConfigArn": c.arn, "CreationTime": c.created} for c in items]
        return answer_page("EndpointConfigs", shown, token)

    def delete_config(self, request: Request) -> None:
        """DeleteEndpointConfig."""
        with self.context.lock:
            del self.configs[self.config(request["EndpointConfigName"]).name]

    def model(self, name: str) -> Named:
        """A model by name.

        Raises:
            ValidationException: there is none.
        """
        if name not in self.models:
            raise invalid(f'Could not find model "{self.context.arn("model", name)}".')
        return self.models[name]

    def config(self, name: str) -> Named:
        """An endpoint configuration by name.

        Raises:
            ValidationException: there is none.
        """
        if name not in self.configs:
            raise invalid(f'Could not find endpoint configuration "{self.context.arn("endpoint-config", name)}".')
        return self.configs[name]

    def variants(self, config: str) -> Variants:
        """A configuration's variants, as they were asked for; those in shadow are marked.

        Raises:
            ValidationException: there is no such configuration.
        """
        return shadows.declared(self.config(config).request)

    def capture(self, config: str) -> dict[str, Any] | None:
        """What a configuration says of data capture; None where it says nothing.

        Raises:
            ValidationException: there is no such configuration.
        """
        found: dict[str, Any] | None = self.config(config).request.get("DataCaptureConfig")
        return found

    def containers(self, model: str) -> list[dict[str, Any]]:
        """A model's containers with Image, ModelDataUrl and Environment, packages looked up."""
        found: list[dict[str, Any]] = []
        for container in declared(self.model(model).request):
            if container.get("ModelPackageName"):
                own = container.get("Environment") or {}
                found += [
                    entry | {"Environment": {**(entry.get("Environment") or {}), **own}}
                    for entry in self.registry.containers(container["ModelPackageName"])
                ]
            else:
                found.append(dict(container))
        return [entry | {"ModelDataUrl": data_of(entry)} for entry in found]

    def check_container(self, container: Mapping[str, Any], role: str = "") -> None:
        """The package or the data of a container exists, for its role to see.

        Raises:
            ValidationException: it does not.
        """
        if container.get("ModelPackageName"):
            self.registry.container(container["ModelPackageName"])
            return
        if not container.get("Image"):
            raise invalid("A container needs an Image or a ModelPackageName")
        uri = data_of(container)
        if uri is None:
            return
        try:
            bucket, key = storage.split(uri)
            roles.client(self.context.cloud, "s3", role).head_object(Bucket=bucket, Key=key)
        except (ClientError, storage.DataProblem) as error:
            raise invalid(f"Could not find model data at {uri}.") from error

    def _page(self, named: Mapping[str, Named], request: Request) -> tuple[list[Named], str | None]:
        wanted = request.get("NameContains") or ""
        with self.context.lock:
            found = [
                entry for entry in named.values() if wanted in entry.name and api_shapes.within(request, entry.created)
            ]
        by_name = request.get("SortBy") == "Name"
        return page(found, request, sort=lambda entry: entry.name if by_name else entry.created)


def declared(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The containers that a CreateModel request names."""
    if request.get("Containers"):
        return list(request["Containers"])
    if request.get("PrimaryContainer"):
        return [request["PrimaryContainer"]]
    raise invalid("One of PrimaryContainer and Containers is required")


def data_of(container: Mapping[str, Any]) -> str | None:
    """Where a container's model archive is; None where it has none."""
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return container.get("ModelDataUrl") or source.get("S3Uri")
