"""What is remembered of a job, and the event that tells of its state.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from localcloud.bus import events
from localcloud.sagemaker.api_shapes import epoch_ms, now, within
from localcloud.sagemaker.jobs.job_processes import Work
from localcloud.sagemaker.jobs.training_description import MESSAGES


@dataclass
class Job:
    """One job: what was asked, and what Describe answers now."""

    kind: str
    name: str
    arn: str
    request: dict[str, Any]
    folder: Path
    work: Work
    described: dict[str, Any]
    done: threading.Event = field(default_factory=threading.Event)
    metric: Callable[[str, float], None] | None = None  # hears every metric in the log
    unplaced: bool = False  # none of the types that it takes had capacity

    def __getstate__(self) -> dict[str, Any]:
        """All but the processes and who listens: a job that is read again has ended."""
        return vars(self) | {"work": None, "metric": None}

    @property
    def status(self) -> str:
        """InProgress, Completed, Failed, Stopping or Stopped."""
        return str(self.described[f"{self.kind}JobStatus"])

    @property
    def reason(self) -> str | None:
        """Why it failed or stopped."""
        return self.described.get("FailureReason") or self.described.get("ExitMessage")


def asked_for(job: Job, request: Mapping[str, Any]) -> bool:
    """Whether a list that is asked for has the job in it."""
    described = job.described
    return (
        (request.get("NameContains") or "") in job.name
        and request.get("StatusEquals") in (None, job.status)
        and within(request, described["CreationTime"], described["LastModifiedTime"])
    )


def summary(kind: str, described: Mapping[str, Any], more: Iterable[str]) -> dict[str, Any]:
    """A job as lists have it; ``more`` is what its kind tells there besides."""
    names = (f"{kind}JobName", f"{kind}JobArn", f"{kind}JobStatus", "CreationTime", "LastModifiedTime",
             f"{kind}EndTime", *more)  # fmt: skip
    return {name: described[name] for name in names if name in described}


def transition(described: dict[str, Any], status: str) -> None:
    """A training job's secondary status is another from now on."""
    transitions = described["SecondaryStatusTransitions"]
    if transitions:
        transitions[-1].setdefault("EndTime", now())
    transitions.append({"Status": status, "StartTime": now(), "StatusMessage": MESSAGES[status]})
    described["SecondaryStatus"] = status
    described["LastModifiedTime"] = now()


def emit_state_change(job: Job, lock: threading.RLock, tags: Mapping[str, str]) -> None:
    """The job's state has changed: its description with times in milliseconds."""
    with lock:
        detail = in_milliseconds(job.described) | {"Tags": dict(tags)}
    events.emit("aws.sagemaker", f"SageMaker {job.kind} Job State Change", detail, [job.arn])


def in_milliseconds(value: Any) -> Any:
    """A description with its times as events have them."""
    if isinstance(value, datetime):
        return epoch_ms(value)
    if isinstance(value, Mapping):
        return {name: in_milliseconds(part) for name, part in value.items()}
    if isinstance(value, list):
        return [in_milliseconds(part) for part in value]
    return value
