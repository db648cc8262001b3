"""The events of pipeline executions and their steps, as AWS writes them.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.bus import events
from localcloud.sagemaker.api_shapes import iso
from localcloud.sagemaker.pipelines.execute import Status
from localcloud.sagemaker.pipelines.execution_records import Execution, StepRecord


def emit_state_change(execution: Execution, previous: Status | None) -> None:
    """The execution's status has changed."""
    detail = {
        "pipelineExecutionDisplayName": execution.display_name,
        "currentPipelineExecutionStatus": str(execution.status),
        "previousPipelineExecutionStatus": str(previous) if previous else None,
        "executionStartTime": iso(execution.started),
        "executionEndTime": iso(execution.ended),
        "pipelineExecutionDescription": execution.description,
        "pipelineArn": execution.pipeline_arn,
        "pipelineExecutionArn": execution.arn,
    }
    _emit("SageMaker Model Building Pipeline Execution Status Change", detail, execution)


def emit_step_change(execution: Execution, record: StepRecord, previous: Status | None) -> None:
    """A step's status has changed."""
    detail = {
        "metadata": lower(record.metadata),
        "stepStartTime": iso(record.started),
        "stepEndTime": iso(record.ended),
        "stepName": record.step.name,
        "stepType": record.step.type,
        "previousStepStatus": str(previous) if previous else None,
        "currentStepStatus": str(record.status),
        "failureReason": record.reason,
        "cacheHitResult": {"sourcePipelineExecutionArn": record.hit} if record.hit else None,
        "pipelineArn": execution.pipeline_arn,
        "pipelineExecutionArn": execution.arn,
    }
    _emit("SageMaker Model Building Pipeline Execution Step Status Change", detail, execution)


def lower(value: Any) -> Any:
    """Keys begin in lower case, as in the events of pipelines."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: lower(part) for name, part in value.items()}
    return value


def _emit(kind: str, detail: Mapping[str, Any], execution: Execution) -> None:
    told = {name: value for name, value in detail.items() if value is not None}
    events.emit("aws.sagemaker", kind, told, [execution.pipeline_arn, execution.arn])
