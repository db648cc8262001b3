"""What the console shows of one step of a run's pipeline: how it went, and the last lines of its job's log. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown
from app.decide.pages.run_progress import StepRow, step_rows
from app.decide.run_plans import LOG_GROUPS

MOST_LINES = 200
LONGEST_LINE = 500  # characters
MOST_BYTES = 40_000  # of all lines, as the page says them: it stays below 60 KB
NO_JOB = "This step runs no job, so that it has no log."
NO_LINES = "Nothing was written to its log yet, or the log was deleted."
SEARCHES = "It searches hyperparameters: each job of it is a training job, whose log begins with the search's name."
CACHED = "It was taken from the cache, and ran nothing: its log is with the execution that ran it."
WITHHELD = (
    "The model file says that its data are sensitive, or nobody knows whether they are. A job may write what it reads,"
    " so that its log is not shown here: who may read CloudWatch Logs finds it under the names above."
)


class Job(NamedTuple):
    """What a step ran."""

    name: str = ""
    group: str = ""  # of its log; "" where it has none of its own
    note: str = ""  # why there is no log; "" where there is


class StepView(NamedTuple):
    """A step's page."""

    name: str
    row: StepRow | None  # None of one that has not started
    reason: str  # why it failed
    facts: tuple[tuple[str, str], ...]
    note: str  # why there are no lines; "" where there are
    lines: tuple[str, ...]
    more: bool  # the log has lines before these


def job_of(step: Mapping[str, Any]) -> Job:
    """The job of a step, and where its log is.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStepMetadata.html
    """
    metadata = step.get("Metadata", {})
    for kind, group in LOG_GROUPS.items():
        if arn := metadata.get(kind, {}).get("Arn"):
            return Job(str(arn).rsplit("/", 1)[1], group)
    if step.get("CacheHitResult"):
        return Job(note=CACHED)
    if arn := metadata.get("TuningJob", {}).get("Arn"):
        return Job(str(arn).rsplit("/", 1)[1], note=SEARCHES)
    return Job(note=NO_JOB)


def step_view(
    step: Mapping[str, Any], job: Job, stream: str, lines: Sequence[str], note: str, now: datetime
) -> StepView:
    """A step's page; ``note`` says why there are no lines."""
    source = step.get("CacheHitResult", {}).get("SourcePipelineExecutionArn", "")
    known = {"Job": job.name, "Log group": job.group, "Log stream": stream, "Execution that ran it": source}
    last = bounded(lines)
    rows = step_rows([step], now)
    return StepView(
        str(step["StepName"]), rows[0] if rows else None, str(step.get("FailureReason", "")),
        tuple((name, str(text)) for name, text in known.items() if text),
        note or ("" if last else NO_LINES), last, len(last) < len(lines) or len(lines) >= MOST_LINES,
    )  # fmt: skip


def bounded(lines: Sequence[str]) -> tuple[str, ...]:
    """The last lines of a log that fit on a page, each cut, and made visible."""
    kept: list[str] = []
    room = MOST_BYTES
    for line in reversed(lines[-MOST_LINES:]):
        text = shown(line, LONGEST_LINE)
        room -= len(escape(text).encode()) + 1
        if room < 0:
            break
        kept.append(text)
    return tuple(reversed(kept))
