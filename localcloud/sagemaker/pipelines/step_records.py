"""One attempt at a step: what it is asked with, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localcloud.sagemaker.pipelines.expressions import Scope


class StepFailed(Exception):
    """A step has failed; ``kind`` is what a retry policy may name."""

    def __init__(self, reason: str, kind: str = "Step.SERVICE_FAULT") -> None:
        super().__init__(reason)
        self.kind = kind


class StepStopped(Exception):
    """A step was stopped with its execution."""


@dataclass
class StepResult:
    """What a step left: metadata for the API, the description that references read, and which branch is taken."""

    metadata: dict[str, Any]
    output: dict[str, Any] = field(default_factory=dict)
    outcome: bool | None = None  # of a step with branches


@dataclass(frozen=True)
class StepAttempt:
    """One attempt at one step, and the name of what it starts. ``started`` is called with the metadata, and with what
    stops the step, as soon as there is something to look at.
    """

    execution_id: str
    execution_arn: str
    step: str
    name: str
    arguments: dict[str, Any]
    target: dict[str, Any]  # of a Lambda or Callback step: whom it calls, and what it expects back
    role: str
    scope: Scope
    started: Callable[[dict[str, Any], Callable[[], None]], None]
