"""SageMaker's models, endpoint configurations and endpoints."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import fit, picked

LOOK_EVERY_S = 0.2
LONGEST_S = 4 * 3600.0  # Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html


class _Named(Kind):
    """One of SageMaker's things that are made by one call. Ref is its ARN, GetAtt its name."""

    noun: ClassVar[str]  # as in create_<noun>
    named: ClassVar[str]  # the property with its name

    def create(self, place: Place, wanted: Properties) -> Made:
        sagemaker, operation = place.client("sagemaker"), f"create_{self.noun}"
        name = wanted.get(self.named) or place.name(63)
        values = {key: value for key, value in wanted.items() if key not in (self.named, "Tags", *self._kept_back)}
        tags = place.tag_list(wanted.get("Tags"))
        asked = values | {self.named: name} | ({"Tags": tags} if tags else {})
        answer = getattr(sagemaker, operation)(**fit(sagemaker, operation, asked))
        arn = next(value for key, value in answer.items() if key.endswith("Arn"))
        return Made(arn, {self.named: name})

    _kept_back: ClassVar[tuple[str, ...]] = ()  # properties of its updates alone

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        if old and changed(old, new, "Tags"):
            sagemaker = place.client("sagemaker")
            before, after = place.tag_map(old.get("Tags")), place.tag_list(new.get("Tags"))
            gone = sorted(set(before) - {tag["Key"] for tag in after})
            if gone:
                sagemaker.delete_tags(ResourceArn=made.physical_id, TagKeys=gone)
            if after:
                sagemaker.add_tags(ResourceArn=made.physical_id, Tags=after)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        getattr(place.client("sagemaker"), f"delete_{self.noun}")(**{self.named: made.attributes[self.named]})


class Model(_Named):
    """Any change but of its tags makes a new one."""

    type = "AWS::SageMaker::Model"
    noun, named = "model", "ModelName"
    replaces = (
        "ModelName PrimaryContainer Containers ExecutionRoleArn EnableNetworkIsolation"
        " InferenceExecutionConfig VpcConfig"
    )
    properties = f"{replaces} Tags"


class EndpointConfig(_Named):
    """Any change but of its tags makes a new one."""

    type = "AWS::SageMaker::EndpointConfig"
    noun, named = "endpoint_config", "EndpointConfigName"
    replaces = (
        "EndpointConfigName ProductionVariants ShadowProductionVariants DataCaptureConfig AsyncInferenceConfig KmsKeyId"
        " ExecutionRoleArn EnableNetworkIsolation VpcConfig ExplainerConfig"
    )
    properties = f"{replaces} Tags"
    required = "ProductionVariants"


class Endpoint(_Named):
    """It is there when it serves; another configuration updates it as UpdateEndpoint does."""

    type = "AWS::SageMaker::Endpoint"
    noun, named = "endpoint", "EndpointName"
    properties = "EndpointName EndpointConfigName DeploymentConfig RetainAllVariantProperties Tags"
    required = "EndpointConfigName"
    replaces = "EndpointName"
    _kept_back = ("RetainAllVariantProperties",)

    def create(self, place: Place, wanted: Properties) -> Made:
        config = _name(wanted["EndpointConfigName"])
        return super().create(place, {**wanted, "EndpointConfigName": config})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        if changed(old, new, "EndpointConfigName", "DeploymentConfig", "RetainAllVariantProperties"):
            sagemaker = place.client("sagemaker")
            values = picked(new, "DeploymentConfig", "RetainAllVariantProperties")
            values |= {"EndpointName": made.attributes["EndpointName"]}
            values |= {"EndpointConfigName": _name(new["EndpointConfigName"])}
            sagemaker.update_endpoint(**fit(sagemaker, "update_endpoint", values))
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        super().stabilize(place, made, old, new)
        _until_it_serves(place.client("sagemaker"), made.attributes["EndpointName"], _name(new["EndpointConfigName"]))


def _name(name_or_arn: str) -> str:
    """A configuration is named by its name or its ARN."""
    return name_or_arn.rpartition("/")[2]


def _until_it_serves(sagemaker: Any, name: str, config: str) -> None:
    ends = time.monotonic() + LONGEST_S
    while time.monotonic() < ends:
        found = sagemaker.describe_endpoint(EndpointName=name)
        if found["EndpointStatus"] == "InService" and found["EndpointConfigName"] == config:
            return
        if found["EndpointStatus"] in ("Failed", "InService", "UpdateRollbackFailed"):
            raise ResourceFailed(f"Endpoint {name} is {found['EndpointStatus']}: {found.get('FailureReason', '')}")
        time.sleep(LOOK_EVERY_S)
    raise ResourceFailed(f"Endpoint {name} was not in service within {LONGEST_S:.0f} s")
