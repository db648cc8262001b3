"""One attempt at a step: what it is asked with, and what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class StepFailed(Exception):
    """A step has failed; ``kind`` is what a retry policy may name."""

    def __init__(self, reason: str, kind: str = "Step.SERVICE_FAULT") -> None:
        super().__init__(reason)
        self.kind = kind


class StepStopped(Exception):
    """A step was stopped with its execution."""


@dataclass
class Ran:
    """What a step left: metadata for the API, and the description that references read."""

    metadata: dict[str, Any]
    output: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One attempt at one step, and the name of what it starts. ``started`` hears the metadata as soon as there is
    something to look at.
    """

    execution_id: str
    execution_arn: str
    step: str
    name: str
    arguments: dict[str, Any]
    target: dict[str, Any]  # of a Lambda or Callback step: whom it calls, and what it expects back
    role: str
    started: Callable[[dict[str, Any], Callable[[], None]], None]
