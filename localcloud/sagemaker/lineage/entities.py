"""Where a job's or a version's data came from and went: entities and associations, from descriptions. Pure.

Nothing is kept: what AWS makes by itself for each job and package is told from what is known of them, so it is right
after a restart, and goes with what it tells of.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/lineage-tracking-auto-creation.html; types are those of
https://github.com/aws/sagemaker-python-sdk/blob/master-v2/src/sagemaker/lineage/query.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ARTIFACT, CONTEXT, ACTION, COMPONENT = "artifact", "context", "action", "experiment-trial-component"
CONTRIBUTED, PRODUCED, ASSOCIATED = "ContributedTo", "Produced", "AssociatedWith"
Describe = Mapping[str, Any]


@dataclass(frozen=True)
class Entity:
    """A thing that lineage knows. ``name`` is None for an artifact, which is told by its source."""

    arn: str
    kind: str
    type: str  # DataSet, Image, Model, ModelGroup, Approval, SageMakerTrainingJob, ...
    source: str  # URI or ARN
    created: datetime
    name: str | None = None
    described: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Association:
    """What leads from one entity to another."""

    source: Entity
    destination: Entity
    type: str


@dataclass(frozen=True)
class Place:
    """Makes ARNs: ``arn(kind, name)``."""

    arn: Callable[[str, str], str]

    def artifact(self, kind: str, uri: str, created: datetime) -> Entity:
        """An artifact is one for all that have its source and type."""
        key = hashlib.md5(f"{kind} {uri}".encode(), usedforsecurity=False).hexdigest()
        return Entity(self.arn(ARTIFACT, key), ARTIFACT, kind, uri, created)


def of_job(kind: str, job: Describe, place: Place) -> list[Association]:
    """What went into a training, processing or transform job, and what came out."""
    created = job["CreationTime"]
    component = component_of(kind, job, place)
    inputs = [place.artifact(sort, uri, created) for sort, uri in KINDS[kind].inputs(job)]
    outputs = [place.artifact(sort, uri, created) for sort, uri in KINDS[kind].outputs(job)]
    return [Association(one, component, CONTRIBUTED) for one in dict.fromkeys(inputs)] + [
        Association(component, one, PRODUCED) for one in dict.fromkeys(outputs)
    ]


def component_of(kind: str, job: Describe, place: Place) -> Entity:
    """The trial component that stands for a job."""
    name = f"{job[f'{kind}JobName']}-{KINDS[kind].suffix}"
    arn = place.arn(COMPONENT, name.lower())
    return Entity(arn, COMPONENT, f"SageMaker{kind}Job", job[f"{kind}JobArn"], job["CreationTime"], name, job)


def of_package(package: Describe, group: Describe | None, place: Place) -> list[Association]:
    """What a version is made of, who decided on it, and the group that it belongs to."""
    arn, created = package["ModelPackageArn"], package["CreationTime"]
    version = place.artifact("Model", arn, created)
    found = [
        Association(place.artifact(kind, container[key], created), version, CONTRIBUTED)
        for container in (package.get("InferenceSpecification") or {}).get("Containers") or []
        for kind, key in (("Model", "ModelDataUrl"), ("Image", "Image"))
        if container.get(key)
    ]
    if group is None:
        return found
    moment, name = int(created.timestamp()), group["ModelPackageGroupName"]
    status = package.get("ModelApprovalStatus")
    action = f"{name}-{package['ModelPackageVersion']}-{status}-{moment}-aws-model-package"
    context = f"{name}-{int(group['CreationTime'].timestamp())}-aws-model-group"
    approval = Entity(place.arn(ACTION, action), ACTION, "Approval", arn, created, action, {"Status": "Completed"})
    members = Entity(
        place.arn(CONTEXT, context),
        CONTEXT,
        "ModelGroup",
        group["ModelPackageGroupArn"],
        group["CreationTime"],
        context,
    )
    return [*found, Association(approval, version, CONTRIBUTED), Association(version, members, ASSOCIATED)]


def entities(associations: Sequence[Association]) -> dict[str, Entity]:
    """Every entity by its ARN, as it was first seen."""
    found: dict[str, Entity] = {}
    for association in associations:
        for entity in (association.source, association.destination):
            found.setdefault(entity.arn, entity)
    return found


Sources = Iterator[tuple[str, str]]  # artifact type and URI


def _training_inputs(job: Describe) -> Sources:
    if image := job["AlgorithmSpecification"].get("TrainingImage"):
        yield "Image", image
    for channel in job.get("InputDataConfig") or []:
        yield "DataSet", channel["DataSource"]["S3DataSource"]["S3Uri"]


def _training_outputs(job: Describe) -> Sources:
    if "ModelArtifacts" in job:
        yield "Model", job["ModelArtifacts"]["S3ModelArtifacts"]
    if job.get("CheckpointConfig"):
        yield "Checkpoint", job["CheckpointConfig"]["S3Uri"]


def _processing_inputs(job: Describe) -> Sources:
    yield "Image", job["AppSpecification"]["ImageUri"]
    for entry in job.get("ProcessingInputs") or []:
        yield "DataSet", entry["S3Input"]["S3Uri"]


def _processing_outputs(job: Describe) -> Sources:
    for entry in (job.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
        yield "DataSet", entry["S3Output"]["S3Uri"]


def _transform_inputs(job: Describe) -> Sources:
    yield "DataSet", job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]


def _transform_outputs(job: Describe) -> Sources:
    yield "DataSet", job["TransformOutput"]["S3OutputPath"]


@dataclass(frozen=True)
class Kind:
    """A kind of job: the end of its trial component's name, and what it reads and writes."""

    suffix: str
    inputs: Callable[[Describe], Sources]
    outputs: Callable[[Describe], Sources]


KINDS: Mapping[str, Kind] = {
    "Training": Kind("aws-training-job", _training_inputs, _training_outputs),
    "Processing": Kind("aws-processing-job", _processing_inputs, _processing_outputs),
    "Transform": Kind("aws-transform-job", _transform_inputs, _transform_outputs),
}
