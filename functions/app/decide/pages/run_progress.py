"""How far a run has come: the stages of its path, and its pipeline's steps side by side in time. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso
from app.decide.records import RunRecord

STAGES = (  # and how the entries of the timeline begin that begin and end each
    ("Uploads", ("arrived", "asked for"), ("batch closed",)),
    ("Pipeline", ("pipeline started",), ("pipeline succeeded",)),
    ("Gate", ("gate not passed",), ("gate passed",)),
    ("Approval", ("approval requested",), ("approved", "deployment requested")),
    ("Deployment", ("deployment requested",), ("endpoint in service", "batch transform completed")),
    ("Verification", ("endpoint in service",), ("verified", "passed")),
)
DONE, NOW, ENDED, AHEAD = "done", "now", "ended here", "not reached"
MARKS = {DONE: "✓", NOW: "●", ENDED: "✗", AHEAD: "○"}
MOST_STEPS = 40
SOONEST_S, LATEST_S = 5, 120  # between two looks of a browser that follows a run
WIDTH = 100.0  # of all bars, in their own unit


class Stage(NamedTuple):
    """A part of a run's path."""

    name: str
    state: str

    @property
    def mark(self) -> str:
        """The state as a sign, as colours are not seen by all."""
        return MARKS[self.state]


class StepRow(NamedTuple):
    """A step of the run's pipeline, and where its bar stands among those of all."""

    name: str
    status: str
    tone: str
    took: str
    left: float
    width: float


def stages(run: RunRecord) -> tuple[Stage, ...]:
    """The stages of a run: those that are done, and where it is, or ended."""
    here = len(STAGES) if run.status is RunStatus.DEPLOYED else _reached([entry["what"] for entry in run.timeline])
    at = {here: ENDED if run.status.final else NOW}
    return tuple(
        Stage(name, DONE if number < here else at.get(number, AHEAD)) for number, (name, _, _) in enumerate(STAGES)
    )


def follow_s(run: RunRecord, now: datetime) -> int:
    """In how many seconds a browser looks again at a run: the longer nothing was told of it, the later; 0 for never, as
    it has ended.
    """
    if run.status.final:
        return 0
    quiet_s = (now - from_iso(run.timeline[-1]["at"])).total_seconds() if run.timeline else 0
    return round(min(max(quiet_s / 10, SOONEST_S), LATEST_S))


def _reached(told: Sequence[str]) -> int:
    """The number of the stage that a run has come to."""
    begun = [number for number, (_, begins, _) in enumerate(STAGES) if any(what.startswith(begins) for what in told)]
    ended = [number + 1 for number, (_, _, ends) in enumerate(STAGES) if any(what.startswith(ends) for what in told)]
    return min(max([0, *begun, *ended]), len(STAGES) - 1)


def step_rows(steps: Sequence[Mapping[str, Any]], now: datetime) -> tuple[StepRow, ...]:
    """The steps that have begun, in the order in which they did.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStep.html
    """
    begun = [one for one in steps if one.get("StartTime")][:MOST_STEPS]
    if not begun:
        return ()
    first = min(one["StartTime"] for one in begun)
    whole_s = max((max(_end(one, now) for one in begun) - first).total_seconds(), 0.001)
    return tuple(_row(one, first, whole_s, now) for one in sorted(begun, key=lambda one: one["StartTime"]))


def _end(step: Mapping[str, Any], now: datetime) -> datetime:
    end: datetime = step.get("EndTime") or now
    return end


def _row(step: Mapping[str, Any], first: datetime, whole_s: float, now: datetime) -> StepRow:
    status = str(step.get("StepStatus", ""))
    seconds = took_s(step, now)
    left = min((step["StartTime"] - first).total_seconds() / whole_s * WIDTH, WIDTH - 1)
    width = min(max(seconds / whole_s * WIDTH, 1), WIDTH - left)  # one that took no time is seen, too
    cached = " (from the cache)" if step.get("CacheHitResult") else ""
    tone = {"Succeeded": "good", "Failed": "bad"}.get(status, "")
    name = str(step.get("StepName", ""))
    return StepRow(name, status + cached, tone, took_text(seconds), round(left, 1), round(width, 1))


def took_s(step: Mapping[str, Any], now: datetime) -> float:
    """How many seconds a step took, or has taken so far; 0 for one that has not started."""
    return max((_end(step, now) - step["StartTime"]).total_seconds(), 0) if step.get("StartTime") else 0


def took_text(seconds: float) -> str:
    """A duration for a person."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds) // 60
    return f"{minutes} min {round(seconds) % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
