"""All jobs of this cloud: asked for through the API or by a pipeline's step, run for real.

Another kind of job is a row of JOB_KINDS: its operations, quotas, lists, events and stops come of that.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from localcloud.background import spawn
from localcloud.iam.checks import Refused
from localcloud.sagemaker import api_shapes, capacity
from localcloud.sagemaker.api_shapes import Context, Request, invalid, now
from localcloud.sagemaker.jobs.job_kind import JobKind
from localcloud.sagemaker.jobs.job_processes import Work
from localcloud.sagemaker.jobs.job_records import Job, asked_for, emit_state_change, summary
from localcloud.sagemaker.jobs.job_requests import Failed, is_spot, notes_on, resources_of, with_resources
from localcloud.sagemaker.jobs.job_run import JobRun
from localcloud.sagemaker.jobs.processing_job import PROCESSING_JOB
from localcloud.sagemaker.jobs.training_job import TRAINING_JOB
from localcloud.sagemaker.storage import DataProblem

JOB_KINDS: Mapping[str, JobKind] = {kind.noun: kind for kind in (PROCESSING_JOB, TRAINING_JOB)}
PROCESSING, TRAINING = PROCESSING_JOB.noun, TRAINING_JOB.noun
ENDED = ("Completed", "Failed", "Stopped")
DEFAULT_MAX_RUNTIME_S = 86400
RUN_AT_ONCE = max(2, os.cpu_count() or 1)


class Jobs:
    """All jobs of this cloud."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.jobs: dict[tuple[str, str], Job] = {}
        self.slots = threading.BoundedSemaphore(RUN_AT_ONCE)

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on jobs."""
        found: dict[str, api_shapes.Operation] = {}
        for kind in JOB_KINDS:
            found |= {
                f"Create{kind}Job": partial(self._created, kind), f"Describe{kind}Job": partial(self._described, kind),
                f"Stop{kind}Job": partial(self._stopped, kind), f"List{kind}Jobs": partial(self.list_all, kind),
            }  # fmt: skip
        return found

    def _created(self, kind: str, request: Request) -> dict[str, Any]:
        return {f"{kind}JobArn": self.create(kind, request).arn}

    def _described(self, kind: str, request: Request) -> dict[str, Any]:
        return self.describe(kind, request[f"{kind}JobName"])

    def _stopped(self, kind: str, request: Request) -> None:
        self.stop(kind, request[f"{kind}JobName"])

    def create(
        self, kind: str, request: Request, *, tuned_by: str | None = None,
        metric: Callable[[str, float], None] | None = None,
    ) -> Job:  # fmt: skip
        """Accept a job and start it; it runs in the background. ``metric`` hears what a training's log measures."""
        api_shapes.check(f"Create{kind}Job", request)
        JOB_KINDS[kind].refuse(request)
        name = request[f"{kind}JobName"]
        with self.context.lock:
            if tuned_by is None:  # the tuning job was held against the quotas
                self.refuse_excess(kind, capacity.wanted(resources_of(request)), spot=is_spot(request))
            if (kind, name) in self.jobs:
                raise api_shapes.job_name_in_use(f"{kind.lower()} job", self.jobs[kind, name].arn)
            job = self._new(kind, name, dict(request))
            job.metric = metric
            if tuned_by is not None:
                job.described["TuningJobArn"] = tuned_by
            self.jobs[kind, name] = job
            self.context.tag(job.arn, request.get("Tags"))
        self._emit_state_change(job)
        spawn(self._run, job)
        return job

    def refuse_excess(self, kind: str, asked: list[capacity.Wanted], *, spot: bool) -> None:
        """Hold instances that are asked for against the quotas; spot capacity has its own.

        Raises:
            ResourceLimitExceeded: a quota does not suffice.
        """
        used: Counter[str] = Counter()
        for (of, _), job in self.jobs.items():
            if of == kind and is_spot(job.request) == spot and job.status not in ENDED and not job.unplaced:
                own, count = capacity.instances_of(resources_of(job.request))
                used[str(own)] += count
        capacity.refuse_excess(f"{'spot ' if spot else ''}{kind.lower()} job", asked, used)

    def describe(self, kind: str, name: str) -> dict[str, Any]:
        """The API's description."""
        with self.context.lock:
            return dict(self._get(kind, name).described)

    def stop(self, kind: str, name: str) -> None:
        """Ask a job to end; one that has ended already stays as it is."""
        with self.context.lock:
            job = self._get(kind, name)
            if job.status in ENDED:
                return
            job.described[f"{kind}JobStatus"] = "Stopping"
            JOB_KINDS[kind].stopping(job)
        self._emit_state_change(job)
        job.work.stop()

    def interrupt(self, reason: str) -> None:
        """End every job whose process is gone, and tell of it: the cloud was started again."""
        for job in self.jobs.values():
            if job.status not in ENDED:
                self._end(job, "Stopped", reason=reason)
                job.done.set()

    def list_all(self, kind: str, request: Request) -> dict[str, Any]:
        """Summaries by time, newest first unless asked otherwise."""
        with self.context.lock:
            found = [
                job.described
                for (of, _), job in self.jobs.items()
                if of == kind and asked_for(job, request)
            ]  # fmt: skip
            sort = {"Name": f"{kind}JobName", "Status": f"{kind}JobStatus"}.get(
                request.get("SortBy") or "", "CreationTime"
            )
            items, token = api_shapes.page(found, request, sort=lambda described: described[sort])
            summaries = [summary(kind, item, JOB_KINDS[kind].listed) for item in items]
        return api_shapes.answer_page(f"{kind}JobSummaries", summaries, token)

    def _get(self, kind: str, name: str) -> Job:
        if (kind, name) not in self.jobs:
            raise invalid(JOB_KINDS[kind].not_found.format(name=name))
        return self.jobs[kind, name]

    def _new(self, kind: str, name: str, request: dict[str, Any]) -> Job:
        cloud = self.context.cloud
        limit = (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds") or DEFAULT_MAX_RUNTIME_S
        work = Work(self.context.launcher, f"/aws/sagemaker/{kind}Jobs", name, float(limit))
        arn = self.context.arn(f"{kind.lower()}-job", name)
        resources = capacity.placed(resources_of(request))
        if resources is not None:
            request = with_resources(request, resources)
        kept = {key: value for key, value in request.items() if key not in ("Tags",)}
        described = kept | {
            f"{kind}JobName": name, f"{kind}JobArn": arn, f"{kind}JobStatus": "InProgress",
            "CreationTime": now(), "LastModifiedTime": now(),
        }  # fmt: skip
        folder = cloud.state_dir / "jobs" / name
        begun = JOB_KINDS[kind].begun(described)
        return Job(kind, name, arn, request, folder, work, begun, unplaced=resources is None)

    def _run(self, job: Job) -> None:
        kind, run = JOB_KINDS[job.kind], JobRun(self.context, job)
        try:
            if job.unplaced:
                raise Failed(capacity.NO_CAPACITY)
            with self.slots:
                run.take_on_role()
                job.work.notes = notes_on(job.request, in_engine=run.container is not None)
                kind.run(run)
            self._end(job, "Completed")
        except (Failed, DataProblem, Refused) as failure:
            if job.work.stopped.is_set():
                kind.kept_when_stopped(run)
                self._end(job, "Stopped")
            elif job.work.timed_out:
                self._end(job, "Stopped", secondary="MaxRuntimeExceeded", reason=str(failure))
            else:
                prefix = "" if isinstance(failure, Failed) else "ClientError: "
                self._end(job, "Failed", reason=f"{prefix}{failure}")
        except Exception as error:
            self._end(job, "Failed", reason=f"InternalServerError: {type(error).__name__}: {error}")
            raise
        finally:
            job.done.set()

    def _end(self, job: Job, status: str, *, secondary: str | None = None, reason: str | None = None) -> None:
        with self.context.lock:
            described = job.described
            described[f"{job.kind}JobStatus"] = status
            described["LastModifiedTime"] = described[f"{job.kind}EndTime"] = now()
            if reason:
                described["FailureReason"] = reason[:1024]
            JOB_KINDS[job.kind].ended(job, secondary)
        self._emit_state_change(job)

    def _emit_state_change(self, job: Job) -> None:
        emit_state_change(job, self.context.lock, self.context.tags.get(job.arn, {}))
