"""What a kind of job is: all that is particular to it, said once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.sagemaker.jobs.job_records import Job
from localcloud.sagemaker.jobs.job_run import JobRun

Description = dict[str, Any]


def as_it_is(described: Mapping[str, Any]) -> Description:
    """A job that is described as it was asked for."""
    return dict(described)


def nothing_more(*_: Any) -> None:
    """A kind that does no more than others."""


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    ``refuse`` refuses a request that cannot run here; ``run`` runs a job to its end, or raises why it failed. ``begun``
    completes the description of a new one, ``stopping`` and ``ended`` that of one that is being stopped or has ended:
    (job, secondary status or None). ``kept_when_stopped`` keeps what a stopped one has left.
    """

    noun: str  # as in CreateProcessingJob
    not_found: str  # what is said of a name that there is not; {name} stands for it
    refuse: Callable[[Mapping[str, Any]], None]
    run: Callable[[JobRun], None]
    begun: Callable[[Mapping[str, Any]], Description] = as_it_is
    stopping: Callable[[Job], None] = nothing_more
    ended: Callable[[Job, str | None], None] = nothing_more
    kept_when_stopped: Callable[[JobRun], None] = nothing_more
    listed: tuple[str, ...] = ()  # what a list tells of one besides name, status and times
