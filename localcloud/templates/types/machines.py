"""State machines and SageMaker's definitions."""

from __future__ import annotations

import json
import uuid
from typing import Any

import yaml

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import fit, lower_first, picked, text

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it is: a tenth of the time
_FORMS = "DefinitionString DefinitionS3Location Definition DefinitionSubstitutions"


class StateMachine(Kind):
    """Ref is the machine's ARN. Its generated name has no stack in it: ``<logical id>-<suffix>``, as in AWS."""

    type = "AWS::StepFunctions::StateMachine"
    properties = (
        f"StateMachineName StateMachineType RoleArn {_FORMS} LoggingConfiguration TracingConfiguration"
        " EncryptionConfiguration Tags"
    )
    required = "RoleArn"
    replaces = "StateMachineName StateMachineType"

    def create(self, place: Place, wanted: Properties) -> Made:
        states = place.client("stepfunctions")
        name = wanted.get("StateMachineName") or place.name(80, prefix=place.logical_id)
        tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in place.tag_list(wanted.get("Tags"))]
        values = {
            **self._values(place, wanted),
            "name": name,
            "type": wanted.get("StateMachineType", "STANDARD"),
            "tags": tags,
        }
        arn = states.create_state_machine(**fit(states, "create_state_machine", values))["stateMachineArn"]
        return Made(arn, {"Arn": arn, "Name": name, "StateMachineRevisionId": str(uuid.uuid4())})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        states = place.client("stepfunctions")
        values = {**self._values(place, new), "stateMachineArn": made.physical_id}
        states.update_state_machine(**fit(states, "update_state_machine", values))
        if changed(old, new, "Tags"):
            tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in place.tag_list(new.get("Tags"))]
            states.tag_resource(resourceArn=made.physical_id, tags=tags)
        return Made(made.physical_id, {**made.attributes, "StateMachineRevisionId": str(uuid.uuid4())})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("stepfunctions").delete_state_machine(stateMachineArn=made.physical_id)

    def _values(self, place: Place, wanted: Properties) -> dict[str, Any]:
        values = {"roleArn": wanted["RoleArn"], "definition": definition(place, wanted)}
        for own in ("LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration"):
            if own in wanted:
                values[own[:1].lower() + own[1:]] = lower_first(wanted[own])
        return values


def definition(place: Place, wanted: Properties) -> str:
    """The machine's definition as JSON text, from whichever form the template gave, with substitutions made.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
    """
    if "DefinitionS3Location" in wanted:
        location = wanted["DefinitionS3Location"]
        version = {"VersionId": location["Version"]} if location.get("Version") else {}
        found = place.client("s3").get_object(Bucket=location["Bucket"], Key=location["Key"], **version)
        written = found["Body"].read().decode()
    else:
        written = text(wanted.get("DefinitionString") or wanted.get("Definition") or "")
    for name, value in (wanted.get("DefinitionSubstitutions") or {}).items():
        written = written.replace(f"${{{name}}}", text(value))
    try:
        return json.dumps(yaml.load(written, Loader=LOADER))  # noqa: S506  safe
    except yaml.YAMLError as error:
        raise ResourceFailed(f"Invalid State Machine Definition: neither JSON nor YAML: {error}") from error


class Pipeline(Kind):
    """A SageMaker pipeline. Ref is its name."""

    type = "AWS::SageMaker::Pipeline"
    properties = (
        "PipelineName PipelineDisplayName PipelineDescription PipelineDefinition RoleArn ParallelismConfiguration Tags"
    )
    required = "PipelineName PipelineDefinition RoleArn"
    replaces = "PipelineName"

    def create(self, place: Place, wanted: Properties) -> Made:
        sagemaker = place.client("sagemaker")
        values = {
            **self._values(wanted),
            "ClientRequestToken": uuid.uuid4().hex,
            "Tags": place.tag_list(wanted.get("Tags")),
        }
        sagemaker.create_pipeline(**fit(sagemaker, "create_pipeline", values))
        return Made(wanted["PipelineName"])

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        sagemaker = place.client("sagemaker")
        sagemaker.update_pipeline(**fit(sagemaker, "update_pipeline", self._values(new)))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("sagemaker").delete_pipeline(PipelineName=made.physical_id, ClientRequestToken=uuid.uuid4().hex)

    def _values(self, wanted: Properties) -> dict[str, Any]:
        values = picked(
            wanted, "PipelineName", "PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration"
        )
        body = wanted["PipelineDefinition"]
        if "PipelineDefinitionBody" in body:
            return values | {"PipelineDefinition": text(body["PipelineDefinitionBody"])}
        location = body["PipelineDefinitionS3Location"]
        place = picked(location, "Bucket", ObjectKey="Key", VersionId="Version")
        return values | {"PipelineDefinitionS3Location": place}


class ModelPackageGroup(Kind):
    """Ref is the group's ARN."""

    type = "AWS::SageMaker::ModelPackageGroup"
    properties = "ModelPackageGroupName ModelPackageGroupDescription ModelPackageGroupPolicy Tags"
    required = "ModelPackageGroupName"
    replaces = "ModelPackageGroupName ModelPackageGroupDescription"

    def create(self, place: Place, wanted: Properties) -> Made:
        arn = place.client("sagemaker").create_model_package_group(
            **picked(wanted, "ModelPackageGroupName", "ModelPackageGroupDescription"),
            Tags=place.tag_list(wanted.get("Tags")),
        )["ModelPackageGroupArn"]
        return Made(arn, {"ModelPackageGroupArn": arn})

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        if changed(old, new, "ModelPackageGroupPolicy"):
            place.client("sagemaker").put_model_package_group_policy(
                ModelPackageGroupName=new["ModelPackageGroupName"],
                ResourcePolicy=text(new.get("ModelPackageGroupPolicy", {})),
            )

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("sagemaker").delete_model_package_group(ModelPackageGroupName=properties["ModelPackageGroupName"])
