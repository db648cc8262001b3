"""Parts that several documents share."""

from typing import Any, NotRequired, TypedDict


class TimelineEntry(TypedDict):
    """What happened, and when (ISO 8601)."""

    at: str
    what: str


class Step(TypedDict):
    """A step of a pipeline's execution."""

    step: str
    after: list[str]
    status: str
    seconds: float | None
    cached: bool


class Run(TypedDict):
    """A run of a model."""

    run: str
    model: str
    status: str
    version: int | None
    verdict: dict[str, Any] | None
    reasons: list[str]
    loosened_limits: list[str]
    cause: dict[str, Any]  # "kind" and "evidence": what began it
    left_out: list[dict[str, str]]
    left_out_counts: dict[str, int]
    timeline: list[TimelineEntry]
    execution: str
    pipeline_execution: str | None
    transform: str | None
    unheard: bool
    talking_to: str


class WatchedRun(Run):
    """A run that was followed, with its uploads and its pipeline's steps."""

    files: list[dict[str, Any]]
    steps: list[Step]


class ListedRun(Run):
    """A run in a list; how many runs its pipeline waits behind, where it waits for a slot."""

    waits_behind: int | None


class Registered(TypedDict):
    """What the registry says of a version beside its quality."""

    version: int
    metadata: dict[str, str]
    inference_instances: list[str]
    transform_instances: list[str]


class Endpoint(TypedDict):
    """An endpoint and what it serves; ``reason`` says why it failed."""

    name: str
    status: str
    config: str
    registered: Registered | None
    reason: NotRequired[str]


class Batch(TypedDict):
    """The version that scores a model's files."""

    model: str
    mode: str
    version: int
    config: str
    registered: Registered | None


class Removed(TypedDict):
    """A thing that is gone."""

    kind: str
    name: str


class Left(Removed):
    """A thing that is still there, and why."""

    problem: str


class LearntVersion(TypedDict):
    """A version that learnt from an upload."""

    version: int
    run: str
    status: str
    serves: bool
