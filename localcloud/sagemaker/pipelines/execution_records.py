"""What is remembered of a pipeline's execution and of its steps."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcloud.sagemaker.pipelines.definition import Definition, Step
from localcloud.sagemaker.pipelines.execute import Status


@dataclass
class StepRecord:
    """One step of one execution, as ListPipelineExecutionSteps shows it."""

    step: Step
    started: datetime
    status: Status = Status.STARTING
    ended: datetime | None = None
    attempts: int = 1
    reason: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    hit: str | None = None  # the execution that a cached result came from
    output: dict[str, Any] = field(default_factory=dict)
    outcome: bool | None = None
    reused: str | None = None  # the execution that a selective one took it from

    def shown(self) -> dict[str, Any]:
        """AWS's PipelineExecutionStep."""
        found = {
            "StepName": self.step.name,
            "StepDisplayName": self.step.display_name,
            "StepDescription": self.step.description,
            "StartTime": self.started,
            "EndTime": self.ended,
            "StepStatus": str(self.status),
            "AttemptCount": self.attempts,
            "FailureReason": self.reason[:1024] if self.reason else None,
            "Metadata": self.metadata or None,
            "SelectiveExecutionResult": {"SourcePipelineExecutionArn": self.reused} if self.reused else None,
            "CacheHitResult": {"SourcePipelineExecutionArn": self.hit} if self.hit else None,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass
class Execution:
    """One run of one version of a pipeline."""

    arn: str
    id: str
    pipeline: str
    pipeline_arn: str
    role: str
    version: int
    document: str
    definition: Definition
    values: Mapping[str, Any]
    given: list[dict[str, str]]
    display_name: str | None
    description: str | None
    token: str | None
    limit: int | None
    started: datetime
    modified: datetime
    selected: frozenset[str] | None = None  # None: all steps
    selection: Mapping[str, Any] | None = None  # as it was asked for
    created_by: Mapping[str, Any] = field(default_factory=dict)
    ended: datetime | None = None
    status: Status = Status.EXECUTING
    reason: str | None = None
    steps: dict[str, StepRecord] = field(default_factory=dict)
    stops: dict[str, Any] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __getstate__(self) -> dict[str, Any]:
        """All but how to stop what runs."""
        return vars(self) | {"stops": {}}
