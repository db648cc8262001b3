"""Hyperparameter tuning jobs: real training jobs, one trial each, until the limits, the criteria or a stop.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobsForHyperParameterTuningJob.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-progress.html
"""

from __future__ import annotations

import math
import secrets
import time
from typing import Any

from localcloud.background import spawn
from localcloud.bus import events
from localcloud.sagemaker import api_shapes, capacity
from localcloud.sagemaker.api_shapes import Context, Request, invalid, not_found, now
from localcloud.sagemaker.jobs.job_records import in_milliseconds
from localcloud.sagemaker.jobs.job_requests import is_spot, refuse_training
from localcloud.sagemaker.jobs.jobs import TRAINING, Jobs
from localcloud.sagemaker.tuning.tuning_ranges import BadTuning
from localcloud.sagemaker.tuning.tuning_records import COMPLETED, FAILED, IN_PROGRESS, STOPPED, STOPPING, Trial, Tuning
from localcloud.sagemaker.tuning.tuning_requests import plan_of
from localcloud.sagemaker.tuning.tuning_search import Medians, Search

ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."
SORT = {
    "CreationTime": "CreationTime",
    "Status": "HyperParameterTuningJobStatus",
    "Name": "HyperParameterTuningJobName",
}


class Tunings:
    """All tuning jobs of this cloud."""

    def __init__(self, context: Context, jobs: Jobs) -> None:
        self.context = context
        self.jobs = jobs
        self.tunings: dict[str, Tuning] = {}

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on tuning jobs."""
        return {
            "CreateHyperParameterTuningJob": lambda r: {"HyperParameterTuningJobArn": self.create(r).arn},
            "DescribeHyperParameterTuningJob": lambda r: self.describe(r["HyperParameterTuningJobName"]),
            "StopHyperParameterTuningJob": lambda r: self.stop(r["HyperParameterTuningJobName"]),
            "ListHyperParameterTuningJobs": self.list_all,
            "ListTrainingJobsForHyperParameterTuningJob": self.list_trials,
        }

    def create(self, request: Request) -> Tuning:
        """CreateHyperParameterTuningJob; it runs in the background."""
        api_shapes.check("CreateHyperParameterTuningJob", request)
        name = request["HyperParameterTuningJobName"]
        try:
            plan = plan_of(request)
        except BadTuning as error:
            raise invalid(str(error)) from error
        sample = plan.request(name, {})
        api_shapes.check("CreateTrainingJob", sample)
        refuse_training(sample)
        asked = [(kind, plan.parallel * count) for one in plan.machines for kind, count in capacity.wanted(one)]
        with self.context.lock:
            self.jobs.refuse_excess(TRAINING, asked, spot=is_spot(sample))
            if name in self.tunings:
                raise api_shapes.in_use(
                    f"A hyper-parameter tuning job with this name already exists ({self.tunings[name].arn})"
                )
            arn = self.context.arn("hyper-parameter-tuning-job", name)
            tuning = Tuning(name, arn, dict(request), plan, now(), now())
            self.tunings[name] = tuning
            self.context.tag(arn, request.get("Tags"))
        self._emit_state_change(tuning)
        spawn(self._run, tuning)
        return tuning

    def describe(self, name: str) -> dict[str, Any]:
        """DescribeHyperParameterTuningJob."""
        tuning = self._get(name)
        with self.context.lock:
            return tuning.described()

    def best_first(self, name: str) -> list[dict[str, Any]]:
        """Summaries of the trials with a model, the best first, 50 at most."""
        tuning = self._get(name)
        with self.context.lock:
            return [trial.summary(tuning.plan) for trial in tuning.ranked()[:50]]

    def stop(self, name: str) -> None:
        """StopHyperParameterTuningJob: its training jobs are stopped, what they reported is kept."""
        tuning = self._get(name)
        with self.context.lock:
            if tuning.status != IN_PROGRESS:
                return
            tuning.status, tuning.modified = STOPPING, now()
        self._emit_state_change(tuning)
        with tuning.changed:
            tuning.stopping.set()
            tuning.changed.notify_all()

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListHyperParameterTuningJobs."""
        key = SORT[request.get("SortBy") or "CreationTime"]
        with self.context.lock:
            found = [
                tuning.summary()
                for tuning in self.tunings.values()
                if (request.get("NameContains") or "") in tuning.name
                and request.get("StatusEquals") in (None, tuning.status)
                and api_shapes.within(request, tuning.created, tuning.modified)
            ]
            items, token = api_shapes.page(
                found, request, default_size=api_shapes.SHORT_PAGE, sort=lambda summary: summary[key]
            )
        return api_shapes.answer_page("HyperParameterTuningJobSummaries", items, token)

    def list_trials(self, request: Request) -> dict[str, Any]:
        """ListTrainingJobsForHyperParameterTuningJob."""
        tuning = self._get(request["HyperParameterTuningJobName"])
        by = request.get("SortBy") or "Name"
        with self.context.lock:
            found = [
                (trial.objective, trial.summary(tuning.plan))
                for trial in tuning.trials
                if request.get("StatusEquals") in (None, trial.job.status)
                and (by != "FinalObjectiveMetricValue" or trial.objective is not None)
            ]
        keys = {"Name": "TrainingJobName", "CreationTime": "CreationTime", "Status": "TrainingJobStatus"}
        items, token = api_shapes.page(
            found,
            request,
            default_order="Ascending",
            default_size=api_shapes.SHORT_PAGE,
            sort=lambda pair: pair[1][keys[by]] if by in keys else pair[0],
        )
        return api_shapes.answer_page("TrainingJobSummaries", [summary for _, summary in items], token)

    def _get(self, name: str) -> Tuning:
        if name not in self.tunings:
            raise not_found(f"Amazon SageMaker can't find a tuning job with the name {name}.")
        return self.tunings[name]

    def _run(self, tuning: Tuning) -> None:
        status, reason = FAILED, None
        try:
            _TuningRun(self.jobs, tuning).run()
            status = STOPPED if tuning.stopping.is_set() else COMPLETED
            if status == COMPLETED and not tuning.ranked():
                status, reason = FAILED, ALL_FAILED
        except Exception as error:
            reason = f"InternalServerError: {type(error).__name__}: {error}"
            raise
        finally:
            self._end(tuning, status, reason)

    def _end(self, tuning: Tuning, status: str, reason: str | None) -> None:
        with self.context.lock:
            tuning.status, tuning.reason = status, reason
            tuning.ended = tuning.modified = now()
        tuning.done.set()
        self._emit_state_change(tuning)

    def interrupt(self, reason: str) -> None:
        """End every tuning job whose training jobs are gone, and tell of it: the cloud was started again."""
        for tuning in self.tunings.values():
            if tuning.status in (IN_PROGRESS, STOPPING):
                self._end(tuning, STOPPED, reason)

    def _emit_state_change(self, tuning: Tuning) -> None:
        with self.context.lock:
            detail = in_milliseconds(tuning.described()) | {"Tags": dict(self.context.tags.get(tuning.arn, {}))}
        events.emit("aws.sagemaker", "SageMaker HyperParameter Tuning Job State Change", detail, [tuning.arn])


class _TuningRun:
    """A tuning job on its way: as many trials at once as it may have, the next as soon as one has ended."""

    def __init__(self, jobs: Jobs, tuning: Tuning) -> None:
        self.jobs = jobs
        self.tuning = tuning
        self.plan = tuning.plan
        self.search: Search = tuning.plan.search()
        self.medians = Medians(maximise=self.plan.maximise) if self.plan.early_stopping else None
        self.running: set[int] = set()
        self.enough = False
        self.deadline = time.monotonic() + self.plan.max_runtime_s if self.plan.max_runtime_s else None

    def run(self) -> None:
        """Until nothing runs and nothing is left to start."""
        changed = self.tuning.changed
        with changed:
            while self._starts() or self.running:
                left = None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
                changed.wait(left if left else None)
                if self.tuning.stopping.is_set() or (self.deadline and time.monotonic() >= self.deadline):
                    self.enough = True
                if self.enough:
                    self._stop_all()

    def _starts(self) -> bool:
        """Start what there is room for; whether any was started."""
        before = len(self.tuning.trials)
        while (
            not self.enough
            and not self.tuning.stopping.is_set()
            and len(self.running) < self.plan.parallel
            and len(self.tuning.trials) < self.plan.max_jobs
        ):
            values = self.search.propose()
            if values is None:
                break
            self._start(values)
        return len(self.tuning.trials) > before

    def _start(self, values: dict[str, str]) -> None:
        number = len(self.tuning.trials)
        name = f"{self.tuning.name}-{number + 1:03d}-{secrets.token_hex(4)}"
        job = self.jobs.create(
            TRAINING,
            self.plan.request(name, values, capacity.first_of(self.plan.machines)),
            tuned_by=self.tuning.arn,
            metric=lambda metric, value: self._report(number, metric, value),
        )
        self.tuning.trials.append(Trial(job, values))
        self.running.add(number)
        spawn(self._await, number)

    def _report(self, number: int, metric: str, value: float) -> None:
        """One line of a training's log had a metric."""
        if metric != self.plan.metric or math.isnan(value):
            return
        with self.tuning.changed:
            trial = self.tuning.trials[number]
            trial.reports += 1
            trial.objective = value
            over = self.search.report(number, trial.reports, value)
            over = (self.medians is not None and self.medians.report(number, trial.reports, value)) or over
            name = trial.job.name
        if over:
            self.jobs.stop(TRAINING, name)

    def _await(self, number: int) -> None:
        trial = self.tuning.trials[number]
        trial.job.done.wait()
        with self.tuning.changed:
            self.running.discard(number)
            self.search.complete(number, trial.objective)
            if self.medians is not None:
                self.medians.complete(number)
            self._judge(trial)
            self.tuning.modified = now()
            self.tuning.changed.notify_all()

    def _judge(self, trial: Trial) -> None:
        """Whether the completion criteria are met."""
        best = self.tuning.ranked()[:1]
        self.tuning.not_improving = 0 if best and best[0] is trial else self.tuning.not_improving + 1
        if self.plan.target is not None and best and best[0].objective is not None:
            self.enough |= not self.plan.better(self.plan.target, best[0].objective)
        if self.plan.patience is not None:
            self.enough |= self.tuning.not_improving >= self.plan.patience

    def _stop_all(self) -> None:
        for number in self.running:
            self.jobs.stop(TRAINING, self.tuning.trials[number].job.name)
