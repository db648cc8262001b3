"""Executions of pipelines, as the API has them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html and its neighbours
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from typing import Any

from localcloud.sagemaker import api_shapes, user_context
from localcloud.sagemaker.api_shapes import Context, Request, answer_page, invalid, not_found, now, page
from localcloud.sagemaker.pipelines import selection
from localcloud.sagemaker.pipelines.definition import Definition
from localcloud.sagemaker.pipelines.execute import Status
from localcloud.sagemaker.pipelines.execution_records import Execution, StepRecord
from localcloud.sagemaker.pipelines.executions import Runner
from localcloud.sagemaker.pipelines.parameters import Malformed, parameter_values
from localcloud.sagemaker.pipelines.pipeline_records import Pipeline
from localcloud.sagemaker.pipelines.pipelines import BY_USER, Pipelines
from localcloud.sagemaker.pipelines.selection import BadSelection

DISPLAY_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}")
ID_LETTERS = string.ascii_lowercase + string.digits


class PipelineRuns:
    """All executions of this cloud."""

    def __init__(self, context: Context, pipelines: Pipelines, runner: Runner) -> None:
        self.context = context
        self.pipelines = pipelines
        self.runner = runner

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on executions."""
        return {
            "StartPipelineExecution": self.start, "StopPipelineExecution": self.stop,
            "RetryPipelineExecution": self.retry, "DescribePipelineExecution": self.describe_execution,
            "UpdatePipelineExecution": self.update_execution, "ListPipelineExecutions": self.list_executions,
            "ListPipelineExecutionSteps": self.list_steps,
            "ListPipelineParametersForExecution": self.list_parameters,
            "DescribePipelineDefinitionForExecution": self.describe_definition,
        }  # fmt: skip

    def start(self, request: Request) -> dict[str, Any]:
        """StartPipelineExecution; the same ClientRequestToken starts one execution."""
        pipeline = self.pipelines.get(request["PipelineName"])
        version = self.pipelines.version_of(pipeline, request.get("PipelineVersionId"))
        display = _display_name(request)
        given = request.get("PipelineParameters") or []
        values = _values(version.definition, given)
        asked = request.get("SelectiveExecutionConfig")
        selected, done = self._selection(pipeline, version.definition, asked)
        with self.context.lock:
            key = f"start/{pipeline.name}/{request.get('ClientRequestToken')}"
            if request.get("ClientRequestToken") and key in self.pipelines.tokens:
                return {"PipelineExecutionArn": self.pipelines.tokens[key]}
            identity = "".join(secrets.choice(ID_LETTERS) for _ in range(12))
            limit = _parallelism(request) or pipeline.limit
            execution = Execution(
                arn=f"{pipeline.arn}/execution/{identity}", id=identity, pipeline=pipeline.name,
                pipeline_arn=pipeline.arn, role=request.get("RoleArn") or pipeline.role, version=version.number,
                document=version.document,
                definition=version.definition, values=values, given=given,
                display_name=display or f"execution-{api_shapes.epoch_ms(now())}",
                description=request.get("PipelineExecutionDescription"), token=request.get("ClientRequestToken"),
                limit=limit, started=now(), modified=now(), selected=selected, selection=asked,
                created_by=BY_USER | user_context.user_context(self.context.cloud.account_id),
            )  # fmt: skip
            self.pipelines.executions[execution.arn] = execution
            if request.get("ClientRequestToken"):
                self.pipelines.tokens[key] = execution.arn
            pipeline.last_run = execution.started
        self.runner.start(execution, done)
        return {"PipelineExecutionArn": execution.arn}

    def _selection(
        self, pipeline: Pipeline, definition: Definition, asked: Mapping[str, Any] | None
    ) -> tuple[frozenset[str] | None, dict[str, StepRecord]]:
        """The steps that a selective execution runs, and what stands of its source; None: all run."""
        if not asked:
            return None, {}
        arn = asked.get("SourcePipelineExecutionArn")
        source = self._execution({"PipelineExecutionArn": arn}) if arn else None
        if source is not None and source.pipeline != pipeline.name:
            raise invalid(f"{arn} is not an execution of pipeline {pipeline.name}")
        try:
            selected = selection.chosen(definition, asked)
            return selected, selection.standing(definition, selected, source)
        except BadSelection as error:
            raise invalid(str(error)) from error

    def stop(self, request: Request) -> dict[str, Any]:
        """StopPipelineExecution; one that has ended is refused.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html (Errors)
        """
        execution = self._execution(request)
        if execution.status not in (Status.EXECUTING, Status.STOPPING):
            raise api_shapes.conflict(f"Pipeline execution {execution.arn} is {execution.status} and cannot be stopped")
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
            execution.limit = _parallelism(request) or execution.limit
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
            "SelectiveExecutionConfig": execution.selection,
            "FailureReason": execution.reason,
            "CreationTime": execution.started,
            "LastModifiedTime": execution.modified,
            "CreatedBy": execution.created_by,
            "LastModifiedBy": execution.created_by,
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": execution.limit} if execution.limit else None,
        }

    def update_execution(self, request: Request) -> dict[str, Any]:
        """UpdatePipelineExecution."""
        execution = self._execution(request)
        execution.display_name = request.get("PipelineExecutionDisplayName") or execution.display_name
        execution.description = request.get("PipelineExecutionDescription") or execution.description
        with execution.changed:
            execution.limit = _parallelism(request) or execution.limit
            execution.changed.notify_all()
        return {"PipelineExecutionArn": execution.arn}

    def list_executions(self, request: Request) -> dict[str, Any]:
        """ListPipelineExecutions."""
        pipeline = self.pipelines.get(request["PipelineName"])
        with self.context.lock:
            found = [
                e
                for e in self.pipelines.executions.values()
                if e.pipeline == pipeline.name and api_shapes.within(request, e.started)
            ]
        by_arn = request.get("SortBy") == "PipelineExecutionArn"
        items, token = page(found, request, sort=lambda e: e.arn if by_arn else e.started)
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

    def _execution(self, request: Request) -> Execution:
        arn = request.get("PipelineExecutionArn")
        if not arn:
            raise invalid("PipelineExecutionArn is required")
        if arn not in self.pipelines.executions:
            raise not_found(f"Pipeline execution '{arn}' does not exist.")
        return self.pipelines.executions[arn]


def _parallelism(request: Request) -> int | None:
    return (request.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps")


def _display_name(request: Request) -> str | None:
    display: str | None = request.get("PipelineExecutionDisplayName")
    if display is not None and not DISPLAY_NAME.fullmatch(display):
        raise invalid(f"PipelineExecutionDisplayName {display!r} must be letters, digits and hyphens, at most 82")
    return display


def _values(definition: Definition, given: list[dict[str, str]]) -> dict[str, Any]:
    try:
        return parameter_values(definition.parameters, {entry["Name"]: entry["Value"] for entry in given})
    except Malformed as error:
        raise invalid(str(error)) from error
