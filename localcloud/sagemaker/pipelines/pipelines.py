"""Pipelines and their versions, as the API has them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdatePipeline.html and its neighbours
"""

from __future__ import annotations

from typing import Any

from localcloud.sagemaker import api_shapes, storage
from localcloud.sagemaker.api_shapes import Context, Request, answer_page, invalid, not_found, now, page
from localcloud.sagemaker.pipelines import definition as definitions
from localcloud.sagemaker.pipelines.definition import Definition
from localcloud.sagemaker.pipelines.execution_records import Execution
from localcloud.sagemaker.pipelines.parameters import Malformed
from localcloud.sagemaker.pipelines.pipeline_records import Pipeline, Version
from localcloud.sagemaker.pipelines.step_types import registry

BY_USER = {"UserProfileArn": "", "UserProfileName": "", "DomainId": ""}


class Pipelines:
    """All pipelines of this cloud."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.pipelines: dict[str, Pipeline] = {}
        self.executions: dict[str, Execution] = {}
        self.tokens: dict[str, str] = {}

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on pipelines."""
        return {
            "CreatePipeline": self.create, "UpdatePipeline": self.update, "DeletePipeline": self.delete,
            "DescribePipeline": self.describe, "ListPipelines": self.list_all,
            "ListPipelineVersions": self.list_versions,
            "UpdatePipelineVersion": self.update_version,
        }  # fmt: skip

    def create(self, request: Request) -> dict[str, Any]:
        """CreatePipeline."""
        name = request["PipelineName"]
        document = self._document(request)
        parsed = _parsed(document)
        with self.context.lock:
            token = request.get("ClientRequestToken")
            if token and name in self.pipelines and self.tokens.get(f"create/{name}") == token:
                return {"PipelineArn": self.pipelines[name].arn}
            if name in self.pipelines:
                raise invalid(
                    f"Pipeline names must be unique within an AWS account and region. "
                    f"Pipeline with name ({name}) already exists."
                )
            pipeline = Pipeline(name, self.context.arn("pipeline", name), request["RoleArn"], now(), now())
            self._change(pipeline, request)
            pipeline.versions.append(Version(1, document, parsed, now()))
            self.pipelines[name] = pipeline
            if token:
                self.tokens[f"create/{name}"] = token
            self.context.tag(pipeline.arn, request.get("Tags"))
        return {"PipelineArn": pipeline.arn}

    def update(self, request: Request) -> dict[str, Any]:
        """UpdatePipeline; another definition makes a version."""
        pipeline = self.get(request["PipelineName"])
        document = None
        if request.get("PipelineDefinition") or request.get("PipelineDefinitionS3Location"):
            document = self._document(request)
            parsed = _parsed(document)
        with self.context.lock:
            self._change(pipeline, request)
            pipeline.modified = now()
            if document is not None:
                pipeline.versions.append(Version(len(pipeline.versions) + 1, document, parsed, now()))
        return {"PipelineArn": pipeline.arn, "PipelineVersionId": len(pipeline.versions)}

    def delete(self, request: Request) -> dict[str, Any]:
        """DeletePipeline; refused while an execution runs. Those that have ended go with it.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html
        """
        pipeline = self.get(request["PipelineName"])
        with self.context.lock:
            own = [e for e in self.executions.values() if e.pipeline == pipeline.name]
            if running := [e.arn for e in own if e.ended is None]:
                raise api_shapes.in_use(f"Pipeline {pipeline.name} has running executions: {', '.join(running)}")
            for execution in own:
                del self.executions[execution.arn]
            del self.pipelines[pipeline.name]
        return {"PipelineArn": pipeline.arn}

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribePipeline, of the newest version or of PipelineVersionId."""
        pipeline = self.get(request["PipelineName"])
        version = self.version_of(pipeline, request.get("PipelineVersionId"))
        return self._described(pipeline) | {
            "PipelineStatus": "Active",
            "PipelineDefinition": version.document,
            "PipelineVersionDisplayName": version.display_name,
            "PipelineVersionDescription": version.description,
            "CreatedBy": BY_USER,
            "LastModifiedBy": BY_USER,
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": pipeline.limit} if pipeline.limit else None,
        }

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListPipelines."""
        prefix = request.get("PipelineNamePrefix") or ""
        with self.context.lock:
            found = [
                p
                for p in self.pipelines.values()
                if p.name.startswith(prefix) and api_shapes.within(request, p.created)
            ]
            by_name = request.get("SortBy") == "Name"
            items, token = page(found, request, sort=lambda p: p.name if by_name else p.created)
        return answer_page("PipelineSummaries", [self._summary(p) for p in items], token)

    def list_versions(self, request: Request) -> dict[str, Any]:
        """ListPipelineVersions."""
        pipeline = self.get(request["PipelineName"])
        found = [version for version in pipeline.versions if api_shapes.within(request, version.created)]
        items, token = page(found, request)
        summaries = []
        for version in items:
            runs = [e for e in self.executions.values() if (e.pipeline, e.version) == (pipeline.name, version.number)]
            summaries.append({
                "PipelineArn": pipeline.arn, "PipelineVersionId": version.number, "CreationTime": version.created,
                "PipelineVersionDisplayName": version.display_name, "PipelineVersionDescription": version.description,
                "LastExecutionPipelineExecutionArn": runs[-1].arn if runs else None,
            })  # fmt: skip
        return answer_page("PipelineVersionSummaries", summaries, token)

    def update_version(self, request: Request) -> dict[str, Any]:
        """UpdatePipelineVersion: what people call it, and say of it."""
        name = request["PipelineArn"].rpartition("/")[2]
        version = self.version_of(self.get(name), request["PipelineVersionId"])
        version.display_name = request.get("PipelineVersionDisplayName") or version.display_name
        version.description = request.get("PipelineVersionDescription") or version.description
        return {"PipelineArn": request["PipelineArn"], "PipelineVersionId": version.number}

    def _document(self, request: Request) -> str:
        if request.get("PipelineDefinition"):
            return str(request["PipelineDefinition"])
        place = request.get("PipelineDefinitionS3Location")
        if not place:
            raise invalid("One of PipelineDefinition and PipelineDefinitionS3Location is required")
        s3, uri = self.context.cloud.client("s3"), f"s3://{place['Bucket']}/{place['ObjectKey']}"
        try:
            return storage.get(s3, uri, place.get("VersionId")).decode()
        except storage.DataProblem as error:
            raise invalid(f"Unable to read the pipeline definition: {error}") from error

    def _change(self, pipeline: Pipeline, request: Request) -> None:
        pipeline.role = request.get("RoleArn") or pipeline.role
        pipeline.display_name = request.get("PipelineDisplayName") or pipeline.display_name
        pipeline.description = request.get("PipelineDescription") or pipeline.description
        limit = (request.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps")
        pipeline.limit = limit or pipeline.limit

    def _described(self, pipeline: Pipeline) -> dict[str, Any]:
        return {
            "PipelineArn": pipeline.arn, "PipelineName": pipeline.name, "PipelineDisplayName": pipeline.display_name,
            "PipelineDescription": pipeline.description, "RoleArn": pipeline.role, "CreationTime": pipeline.created,
            "LastModifiedTime": pipeline.modified, "LastRunTime": pipeline.last_run,
        }  # fmt: skip

    def _summary(self, pipeline: Pipeline) -> dict[str, Any]:
        found = self._described(pipeline)
        return found | {"LastExecutionTime": found.pop("LastRunTime")}

    def get(self, name: str) -> Pipeline:
        """A pipeline by name or ARN.

        Raises:
            ResourceNotFound: there is none.
        """
        found = self.pipelines.get(name.rpartition("/")[2])
        if found is None:
            raise not_found(f"Pipeline '{name}' does not exist.")
        return found

    def version_of(self, pipeline: Pipeline, number: int | None) -> Version:
        """One of its versions; None: the newest.

        Raises:
            ResourceNotFound: there is none of this number.
        """
        if number is None:
            return pipeline.versions[-1]
        if not 1 <= int(number) <= len(pipeline.versions):
            raise not_found(f"Pipeline '{pipeline.name}' has no version {number}.")
        return pipeline.versions[int(number) - 1]


def _parsed(document: str) -> Definition:
    try:
        parsed = definitions.parse(document, registry.STEP_TYPES)
    except Malformed as error:
        raise invalid(str(error)) from error
    if refused := registry.problems(parsed.steps.values()):
        raise invalid("; ".join(refused))
    return parsed
