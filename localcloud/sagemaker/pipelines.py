"""Pipelines, their versions and executions, as the API has them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html and its neighbours
"""

from __future__ import annotations

import re
import secrets
import string
from typing import Any

from localcloud.sagemaker import definition as definitions
from localcloud.sagemaker import storage, wire
from localcloud.sagemaker.definition import Definition, Malformed
from localcloud.sagemaker.execute import Status
from localcloud.sagemaker.execution_records import Execution
from localcloud.sagemaker.executions import Runner
from localcloud.sagemaker.pipeline_records import Pipeline, Version
from localcloud.sagemaker.wire import Context, Request, answer_page, invalid, not_found, now, page

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}")
DISPLAY_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}")
ID_LETTERS = string.ascii_lowercase + string.digits
BY_USER = {"UserProfileArn": "", "UserProfileName": "", "DomainId": ""}


class Pipelines:
    """All pipelines of this cloud."""

    def __init__(self, context: Context, runner: Runner) -> None:
        self.context = context
        self.runner = runner
        self.pipelines: dict[str, Pipeline] = {}
        self.executions: dict[str, Execution] = {}
        self.tokens: dict[str, str] = {}

    def operations(self) -> dict[str, wire.Operation]:
        """The API's operations on pipelines."""
        return {
            "CreatePipeline": self.create, "UpdatePipeline": self.update, "DeletePipeline": self.delete,
            "DescribePipeline": self.describe, "ListPipelines": self.list_all,
            "ListPipelineVersions": self.list_versions,
            "UpdatePipelineVersion": self.update_version,
            "StartPipelineExecution": self.start, "StopPipelineExecution": self.stop,
            "RetryPipelineExecution": self.retry, "DescribePipelineExecution": self.describe_execution,
            "UpdatePipelineExecution": self.update_execution, "ListPipelineExecutions": self.list_executions,
            "ListPipelineExecutionSteps": self.list_steps,
            "ListPipelineParametersForExecution": self.list_parameters,
            "DescribePipelineDefinitionForExecution": self.describe_definition,
        }  # fmt: skip

    def create(self, request: Request) -> dict[str, Any]:
        """CreatePipeline."""
        name = request["PipelineName"]
        if not NAME.fullmatch(name):
            raise invalid(f"PipelineName {name!r} must be letters, digits and single hyphens, at most 256")
        document = self._document(request)
        parsed = _parsed(document)
        with self.context.lock:
            token = request.get("ClientRequestToken")
            if token and self.tokens.get(f"create/{name}") == token:
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
        pipeline = self._get(request["PipelineName"])
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
        """DeletePipeline; refused while an execution runs."""
        pipeline = self._get(request["PipelineName"])
        with self.context.lock:
            running = [e.arn for e in self.executions.values() if e.pipeline == pipeline.name and e.ended is None]
            if running:
                raise wire.in_use(f"Pipeline {pipeline.name} has running executions: {', '.join(running)}")
            del self.pipelines[pipeline.name]
        return {"PipelineArn": pipeline.arn}

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribePipeline, of the newest version or of PipelineVersionId."""
        pipeline = self._get(request["PipelineName"])
        version = self._version(pipeline, request.get("PipelineVersionId"))
        return self._summary(pipeline) | {
            "PipelineStatus": "Active",
            "PipelineDefinition": version.document,
            "PipelineVersionId": version.number,
            "CreatedBy": BY_USER,
            "LastModifiedBy": BY_USER,
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": pipeline.limit} if pipeline.limit else None,
        }

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListPipelines."""
        prefix = request.get("PipelineNamePrefix") or ""
        with self.context.lock:
            found = [
                p for p in self.pipelines.values() if p.name.startswith(prefix) and wire.within(request, p.created)
            ]
            by_name = request.get("SortBy") == "Name"
            items, token = page(found, request, sort=lambda p: p.name if by_name else p.created)
        return answer_page("PipelineSummaries", [self._summary(p) for p in items], token)

    def list_versions(self, request: Request) -> dict[str, Any]:
        """ListPipelineVersions."""
        pipeline = self._get(request["PipelineName"])
        items, token = page(pipeline.versions, request)
        summaries = []
        for version in items:
            runs = [e for e in self.executions.values() if (e.pipeline, e.version) == (pipeline.name, version.number)]
            summaries.append({
                "PipelineArn": pipeline.arn, "PipelineVersionId": version.number, "CreationTime": version.created,
                "LastExecutionPipelineExecutionArn": runs[-1].arn if runs else None,
            })  # fmt: skip
        return answer_page("PipelineVersionSummaries", summaries, token)

    def update_version(self, request: Request) -> dict[str, Any]:
        """UpdatePipelineVersion: its names are not kept here."""
        name = request["PipelineArn"].rpartition("/")[2]
        version = self._version(self._get(name), request["PipelineVersionId"])
        return {"PipelineArn": request["PipelineArn"], "PipelineVersionId": version.number}

    def start(self, request: Request) -> dict[str, Any]:
        """StartPipelineExecution; the same ClientRequestToken starts one execution."""
        pipeline = self._get(request["PipelineName"])
        version = self._version(pipeline, request.get("PipelineVersionId"))
        display = _display_name(request)
        given = request.get("PipelineParameters") or []
        values = _values(version.definition, given)
        with self.context.lock:
            key = f"start/{pipeline.name}/{request.get('ClientRequestToken')}"
            if request.get("ClientRequestToken") and key in self.tokens:
                return {"PipelineExecutionArn": self.tokens[key]}
            identity = "".join(secrets.choice(ID_LETTERS) for _ in range(12))
            limit = (request.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps") or pipeline.limit
            execution = Execution(
                arn=f"{pipeline.arn}/execution/{identity}", id=identity, pipeline=pipeline.name,
                pipeline_arn=pipeline.arn, role=pipeline.role, version=version.number, document=version.document,
                definition=version.definition, values=values, given=given,
                display_name=display or f"execution-{wire.epoch_ms(now())}",
                description=request.get("PipelineExecutionDescription"), token=request.get("ClientRequestToken"),
                limit=limit, started=now(), modified=now(),
            )  # fmt: skip
            self.executions[execution.arn] = execution
            if request.get("ClientRequestToken"):
                self.tokens[key] = execution.arn
            pipeline.last_run = execution.started
        self.runner.start(execution)
        return {"PipelineExecutionArn": execution.arn}

    def stop(self, request: Request) -> dict[str, Any]:
        """StopPipelineExecution; one that has ended is refused."""
        execution = self._execution(request)
        if execution.status not in (Status.EXECUTING, Status.STOPPING):
            raise wire.in_use(f"Pipeline execution {execution.arn} is {execution.status} and cannot be stopped")
        self.runner.stop(execution)
        return {"PipelineExecutionArn": execution.arn}

    def retry(self, request: Request) -> dict[str, Any]:
        """RetryPipelineExecution: what succeeded stands, the rest runs again."""
        execution = self._execution(request)
        if execution.status not in (Status.FAILED, Status.STOPPED):
            raise invalid(
                f"Only failed or stopped pipeline executions can be retried; {execution.arn} is {execution.status}"
            )
        with execution.changed:
            done = {name: record for name, record in execution.steps.items() if record.status is Status.SUCCEEDED}
            execution.steps, execution.ended, execution.reason = {}, None, None
            execution.status, execution.modified = Status.EXECUTING, now()
            execution.stopping.clear()
        self.runner.start(execution, done)
        return {"PipelineExecutionArn": execution.arn}

    def describe_execution(self, request: Request) -> dict[str, Any]:
        """DescribePipelineExecution."""
        execution = self._execution(request)
        return {
            "PipelineArn": execution.pipeline_arn,
            "PipelineExecutionArn": execution.arn,
            "PipelineExecutionDisplayName": execution.display_name,
            "PipelineExecutionStatus": str(execution.status),
            "PipelineExecutionDescription": execution.description,
            "PipelineVersionId": execution.version,
            "FailureReason": execution.reason,
            "CreationTime": execution.started,
            "LastModifiedTime": execution.modified,
            "CreatedBy": BY_USER,
            "LastModifiedBy": BY_USER,
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": execution.limit} if execution.limit else None,
        }

    def update_execution(self, request: Request) -> dict[str, Any]:
        """UpdatePipelineExecution."""
        execution = self._execution(request)
        execution.display_name = request.get("PipelineExecutionDisplayName") or execution.display_name
        execution.description = request.get("PipelineExecutionDescription") or execution.description
        return {"PipelineExecutionArn": execution.arn}

    def list_executions(self, request: Request) -> dict[str, Any]:
        """ListPipelineExecutions."""
        pipeline = self._get(request["PipelineName"])
        with self.context.lock:
            found = [
                e for e in self.executions.values() if e.pipeline == pipeline.name and wire.within(request, e.started)
            ]
        items, token = page(found, request, sort=lambda e: e.started)
        summaries = [
            {
                "PipelineExecutionArn": e.arn, "StartTime": e.started, "PipelineExecutionStatus": str(e.status),
                "PipelineExecutionDescription": e.description, "PipelineExecutionDisplayName": e.display_name,
                "PipelineExecutionFailureReason": e.reason,
            }
            for e in items
        ]  # fmt: skip
        return answer_page("PipelineExecutionSummaries", summaries, token)

    def list_steps(self, request: Request) -> dict[str, Any]:
        """ListPipelineExecutionSteps, the latest first unless asked otherwise."""
        execution = self._execution(request)
        with execution.changed:
            records = [record.shown() for record in execution.steps.values()]
        items, token = page(records, request, sort=lambda shown: shown["StartTime"])
        return answer_page("PipelineExecutionSteps", items, token)

    def list_parameters(self, request: Request) -> dict[str, Any]:
        """ListPipelineParametersForExecution."""
        items, token = page(self._execution(request).given, request, default_order="Ascending")
        return answer_page("PipelineParameters", items, token)

    def describe_definition(self, request: Request) -> dict[str, Any]:
        """DescribePipelineDefinitionForExecution."""
        execution = self._execution(request)
        return {"PipelineDefinition": execution.document, "CreationTime": execution.started}

    def _document(self, request: Request) -> str:
        if request.get("PipelineDefinition"):
            return str(request["PipelineDefinition"])
        place = request.get("PipelineDefinitionS3Location")
        if not place:
            raise invalid("One of PipelineDefinition and PipelineDefinitionS3Location is required")
        try:
            return storage.get(self.context.cloud.client("s3"), f"s3://{place['Bucket']}/{place['ObjectKey']}").decode()
        except storage.DataProblem as error:
            raise invalid(f"Unable to read the pipeline definition: {error}") from error

    def _change(self, pipeline: Pipeline, request: Request) -> None:
        pipeline.role = request.get("RoleArn") or pipeline.role
        pipeline.display_name = request.get("PipelineDisplayName") or pipeline.display_name
        pipeline.description = request.get("PipelineDescription") or pipeline.description
        limit = (request.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps")
        pipeline.limit = limit or pipeline.limit

    def _summary(self, pipeline: Pipeline) -> dict[str, Any]:
        return {
            "PipelineArn": pipeline.arn, "PipelineName": pipeline.name, "PipelineDisplayName": pipeline.display_name,
            "PipelineDescription": pipeline.description, "RoleArn": pipeline.role, "CreationTime": pipeline.created,
            "LastModifiedTime": pipeline.modified, "LastExecutionTime": pipeline.last_run,
            "LastRunTime": pipeline.last_run,
        }  # fmt: skip

    def _get(self, name: str) -> Pipeline:
        found = self.pipelines.get(name.rpartition("/")[2])
        if found is None:
            raise not_found(f"Pipeline '{name}' does not exist.")
        return found

    def _version(self, pipeline: Pipeline, number: int | None) -> Version:
        if number is None:
            return pipeline.versions[-1]
        if not 1 <= int(number) <= len(pipeline.versions):
            raise not_found(f"Pipeline '{pipeline.name}' has no version {number}.")
        return pipeline.versions[int(number) - 1]

    def _execution(self, request: Request) -> Execution:
        arn = request["PipelineExecutionArn"]
        if arn not in self.executions:
            raise not_found(f"Pipeline execution '{arn}' does not exist.")
        return self.executions[arn]


def _display_name(request: Request) -> str | None:
    display: str | None = request.get("PipelineExecutionDisplayName")
    if display is not None and not DISPLAY_NAME.fullmatch(display):
        raise invalid(f"PipelineExecutionDisplayName {display!r} must be letters, digits and hyphens, at most 82")
    if request.get("SelectiveExecutionConfig"):
        raise invalid("SelectiveExecutionConfig does not run outside AWS yet: start the whole pipeline")
    return display


def _parsed(document: str) -> Definition:
    try:
        return definitions.parse(document)
    except Malformed as error:
        raise invalid(str(error)) from error


def _values(definition: Definition, given: list[dict[str, str]]) -> dict[str, Any]:
    try:
        return definitions.parameter_values(definition, {entry["Name"]: entry["Value"] for entry in given})
    except Malformed as error:
        raise invalid(str(error)) from error
