"""Lineage's API, for reading: what AWS would have made by itself for every job and version. None can be made by hand.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListAssociations.html and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.sagemaker import api_shapes
from localcloud.sagemaker.api_shapes import SHORT_PAGE, Context, Request, answer_page, not_found, page, within
from localcloud.sagemaker.jobs.jobs import Jobs
from localcloud.sagemaker.lineage.entities import (
    ACTION,
    ARTIFACT,
    CONTEXT,
    Association,
    Entity,
    Place,
    component_of,
    entities,
    of_job,
    of_package,
)
from localcloud.sagemaker.registry import Registry
from localcloud.sagemaker.transforms.transforms import Transforms

NAMES = {ARTIFACT: "Artifact", CONTEXT: "Context", ACTION: "Action"}


class Lineage:
    """A view of this cloud's jobs and versions."""

    def __init__(self, context: Context, jobs: Jobs, transforms: Transforms, registry: Registry) -> None:
        self.context = context
        self.jobs = jobs
        self.transforms = transforms
        self.registry = registry
        self.place = Place(context.arn)

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations that read lineage."""
        return {
            "ListAssociations": self.list_associations,
            "ListArtifacts": lambda r: self.list_all(ARTIFACT, r), "DescribeArtifact": self.describe_artifact,
            "ListContexts": lambda r: self.list_all(CONTEXT, r),
            "DescribeContext": lambda r: self.describe(CONTEXT, r),
            "ListActions": lambda r: self.list_all(ACTION, r), "DescribeAction": lambda r: self.describe(ACTION, r),
            "ListTrialComponents": self.list_components, "DescribeTrialComponent": self.describe_component,
        }  # fmt: skip

    def list_associations(self, request: Request) -> dict[str, Any]:
        """ListAssociations, by either end, their types and the association's."""
        wanted = {name: request.get(name) for name in _ENDS if request.get(name)}
        found = [
            association
            for association in self._associations()
            if all(_ENDS[name](association) == value for name, value in wanted.items())
            and within(request, association.destination.created)
        ]
        items, token = page(
            found, request, default_size=SHORT_PAGE, sort=lambda association: association.destination.created
        )
        return answer_page("AssociationSummaries", [_association(one) for one in items], token)

    def list_all(self, kind: str, request: Request) -> dict[str, Any]:
        """ListArtifacts, ListContexts, ListActions: by source and type."""
        name = NAMES[kind]
        found = [
            entity
            for entity in entities(self._associations()).values()
            if entity.kind == kind
            and request.get("SourceUri") in (None, entity.source)
            and request.get(f"{name}Type") in (None, entity.type)
            and within(request, entity.created)
        ]
        items, token = page(found, request, default_size=SHORT_PAGE, sort=lambda entity: entity.created)
        return answer_page(f"{name}Summaries", [_summary(entity) for entity in items], token)

    def describe_artifact(self, request: Request) -> dict[str, Any]:
        """DescribeArtifact, by ARN."""
        found = entities(self._associations()).get(request["ArtifactArn"])
        if found is None or found.kind != ARTIFACT:
            raise not_found(f"Artifact {request['ArtifactArn']} does not exist.")
        return _summary(found)

    def describe(self, kind: str, request: Request) -> dict[str, Any]:
        """DescribeContext, DescribeAction: by name."""
        name = request[f"{NAMES[kind]}Name"]
        for entity in entities(self._associations()).values():
            if entity.kind == kind and entity.name == name:
                return _summary(entity)
        raise not_found(f"{NAMES[kind]} {name} does not exist.")

    def list_components(self, request: Request) -> dict[str, Any]:
        """ListTrialComponents: each stands for a job; there are no experiments and trials here."""
        found = [
            component
            for component in self._components()
            if request.get("SourceArn") in (None, component.source)
            and not (request.get("ExperimentName") or request.get("TrialName"))
            and within(request, component.created)
        ]
        items, token = page(found, request, default_size=SHORT_PAGE, sort=lambda component: component.created)
        return answer_page(
            "TrialComponentSummaries",
            [_component(one) | {"TrialComponentSource": _source(one)} for one in items],
            token,
        )

    def describe_component(self, request: Request) -> dict[str, Any]:
        """DescribeTrialComponent, by name."""
        for component in self._components():
            if component.name == request["TrialComponentName"]:
                parameters = component.described.get("HyperParameters") or {}
                return _component(component) | {
                    "Source": _source(component),
                    "Parameters": {name: {"StringValue": str(value)} for name, value in parameters.items()},
                }
        raise not_found(f"Trial component {request['TrialComponentName']} does not exist.")

    def _described(self) -> list[tuple[str, Mapping[str, Any]]]:
        with self.context.lock:
            found = [(kind, dict(job.described)) for (kind, _), job in self.jobs.jobs.items()]
            return found + [("Transform", dict(job.described)) for job in self.transforms.transforms.values()]

    def _components(self) -> list[Entity]:
        return [component_of(kind, job, self.place) for kind, job in self._described()]

    def _associations(self) -> list[Association]:
        found = [each for kind, job in self._described() for each in of_job(kind, job, self.place)]
        for package, group in self.registry.with_groups():
            found += of_package(package, group, self.place)
        return found


_ENDS: Mapping[str, Any] = {
    "SourceArn": lambda association: association.source.arn,
    "DestinationArn": lambda association: association.destination.arn,
    "SourceType": lambda association: association.source.type,
    "DestinationType": lambda association: association.destination.type,
    "AssociationType": lambda association: association.type,
}


def _association(association: Association) -> dict[str, Any]:
    source, destination = association.source, association.destination
    return {
        "SourceArn": source.arn, "SourceType": source.type, "SourceName": source.name,
        "DestinationArn": destination.arn, "DestinationType": destination.type, "DestinationName": destination.name,
        "AssociationType": association.type, "CreationTime": max(source.created, destination.created),
    }  # fmt: skip


def _summary(entity: Entity) -> dict[str, Any]:
    name = NAMES[entity.kind]
    return {
        f"{name}Arn": entity.arn, f"{name}Name": entity.name, f"{name}Type": entity.type,
        "Source": {"SourceUri": entity.source}, "CreationTime": entity.created, "LastModifiedTime": entity.created,
        **entity.described,
    }  # fmt: skip


def _source(component: Entity) -> dict[str, Any]:
    return {"SourceArn": component.source, "SourceType": component.type}


def _component(component: Entity) -> dict[str, Any]:
    job = component.described
    kind = component.type.removeprefix("SageMaker").removesuffix("Job")
    return {
        "TrialComponentName": component.name, "TrialComponentArn": component.arn, "DisplayName": component.name,
        "Status": {"PrimaryStatus": job[f"{kind}JobStatus"]},
        "StartTime": job.get(f"{kind}StartTime"), "EndTime": job.get(f"{kind}EndTime"),
        "CreationTime": component.created, "LastModifiedTime": job.get("LastModifiedTime", component.created),
    }  # fmt: skip
