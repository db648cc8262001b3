"""Processing and training jobs: asked for through the API or by a pipeline's step, run for real.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeProcessingJob.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.background import spawn
from localcloud.containers.launcher import Task
from localcloud.iam.checks import Refused
from localcloud.sagemaker import api_shapes, capacity, roles
from localcloud.sagemaker.api_shapes import Context, Request, invalid, now
from localcloud.sagemaker.jobs import job_files, training_metrics, workspace
from localcloud.sagemaker.jobs.job_processes import Work, environment, failure_file
from localcloud.sagemaker.jobs.job_records import Job, asked_for, emit_state_change, summary, transition
from localcloud.sagemaker.jobs.job_requests import (  # fmt: skip
    Failed,
    failure_of,
    notes_on,
    processing_command,
    refuse,
    resources_of,
    training_program,
    with_resources,
)
from localcloud.sagemaker.jobs.training_description import training_description
from localcloud.sagemaker.storage import DataProblem

PROCESSING, TRAINING = "Processing", "Training"
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
        return {
            "CreateProcessingJob": lambda r: {"ProcessingJobArn": self.create(PROCESSING, r).arn},
            "DescribeProcessingJob": lambda r: self.describe(PROCESSING, r["ProcessingJobName"]),
            "StopProcessingJob": lambda r: self.stop(PROCESSING, r["ProcessingJobName"]),
            "ListProcessingJobs": lambda r: self.list_all(PROCESSING, r),
            "CreateTrainingJob": lambda r: {"TrainingJobArn": self.create(TRAINING, r).arn},
            "DescribeTrainingJob": lambda r: self.describe(TRAINING, r["TrainingJobName"]),
            "StopTrainingJob": lambda r: self.stop(TRAINING, r["TrainingJobName"]),
            "ListTrainingJobs": lambda r: self.list_all(TRAINING, r),
        }

    def create(
        self, kind: str, request: Request, *, tuned_by: str | None = None,
        metric: Callable[[str, float], None] | None = None,
    ) -> Job:  # fmt: skip
        """Accept a job and start it; it runs in the background. ``metric`` hears what a training's log measures."""
        api_shapes.check(f"Create{kind}Job", request)
        refuse(kind, request)
        name = request[f"{kind}JobName"]
        with self.context.lock:
            if tuned_by is None:  # the tuning job was held against the quotas
                self.refuse_excess(kind, capacity.wanted(resources_of(request)))
            if (kind, name) in self.jobs:
                raise api_shapes.job_name_in_use(f"{kind.lower()} job", self.jobs[kind, name].arn)
            job = self._new(kind, name, dict(request))
            job.metric = metric
            if tuned_by is not None:
                job.described["TuningJobArn"] = tuned_by
            self.jobs[kind, name] = job
            self.context.tag(job.arn, request.get("Tags"))
        emit_state_change(job, self.context.lock, self.context.tags.get(job.arn, {}))
        spawn(self._run, job)
        return job

    def refuse_excess(self, kind: str, asked: list[capacity.Wanted]) -> None:
        """Hold instances that are asked for against the quotas.

        Raises:
            ResourceLimitExceeded: a quota does not suffice.
        """
        used: Counter[str] = Counter()
        for (of, _), job in self.jobs.items():
            if of == kind and job.status not in ENDED and not job.unplaced:
                own, count = capacity.instances_of(resources_of(job.request))
                used[str(own)] += count
        capacity.refuse_excess(f"{kind.lower()} job", asked, used)

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
            if kind == TRAINING:
                job.described["SecondaryStatus"] = "Stopping"
        emit_state_change(job, self.context.lock, self.context.tags.get(job.arn, {}))
        job.work.stop()

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
            summaries = [summary(kind, item) for item in items]
        return api_shapes.answer_page(f"{kind}JobSummaries", summaries, token)

    def _get(self, kind: str, name: str) -> Job:
        if (kind, name) not in self.jobs:
            if kind == PROCESSING:
                raise invalid(f"Could not find requested job with name: {name}")
            raise invalid("Requested resource not found.")
        return self.jobs[kind, name]

    def _new(self, kind: str, name: str, request: dict[str, Any]) -> Job:
        cloud = self.context.cloud
        limit = (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds") or DEFAULT_MAX_RUNTIME_S
        notes = notes_on(request)
        work = Work(self.context.launcher, f"/aws/sagemaker/{kind}Jobs", name, float(limit), notes=notes)
        arn = self.context.arn(f"{kind.lower()}-job", name)
        resources = capacity.placed(resources_of(request))
        if resources is not None:
            request = with_resources(request, resources)
        kept = {key: value for key, value in request.items() if key not in ("Tags",)}
        described = kept | {
            f"{kind}JobName": name, f"{kind}JobArn": arn, f"{kind}JobStatus": "InProgress",
            "CreationTime": now(), "LastModifiedTime": now(),
        }  # fmt: skip
        if kind == TRAINING:
            described = training_description(described) | {"SecondaryStatusTransitions": []}
            transition(described, "Starting")
        folder = cloud.state_dir / "jobs" / name
        return Job(kind, name, arn, request, folder, work, described, unplaced=resources is None)

    def _run(self, job: Job) -> None:
        try:
            if job.unplaced:
                raise Failed(capacity.NO_CAPACITY)
            with self.slots:
                self._take_on_role(job)
                if job.kind == PROCESSING:
                    self._process(job)
                else:
                    self._train(job)
            self._end(job, "Completed")
        except (Failed, DataProblem, Refused) as failure:
            if job.work.stopped.is_set():
                if job.kind == TRAINING and any(job.folder.glob("opt/ml/model/*")):
                    self._keep_model(job)
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

    @staticmethod
    def _take_on_role(job: Job) -> None:
        group = f"/aws/sagemaker/{job.kind}Jobs"
        specification = job.request.get("AppSpecification") or job.request["AlgorithmSpecification"]
        image = str(specification.get("ImageUri") or specification.get("TrainingImage"))
        roles.before_container(str(job.request["RoleArn"]), job.arn, image, group, f"{job.name}/algo-1", group)

    def _s3(self, job: Job) -> Any:
        return roles.client(self.context.cloud, "s3", str(job.request["RoleArn"]))

    def _environment(self, job: Job) -> dict[str, str]:
        key = roles.credentials(f"job/{job.name}", str(job.request["RoleArn"]))
        return environment(self.context.cloud, key)

    def _process(self, job: Job) -> None:
        request = job.request
        s3 = self._s3(job)
        hosts = workspace.hosts_of(capacity.instances_of(resources_of(request))[1])
        command = processing_command(request["AppSpecification"])
        tasks = []
        for number, host in enumerate(hosts):
            root = workspace.root_of(job.folder, host)
            env = workspace.prepare_processing(root, request, job.arn, host, hosts)
            for entry in request.get("ProcessingInputs") or []:
                folder = workspace.inside(root, entry["S3Input"]["LocalPath"])
                job_files.fetch(s3, job, entry["S3Input"], folder, number, len(hosts))
            tasks.append((host, Task(root, self._environment(job) | env, command)))
        with self.context.lock:
            job.described["ProcessingStartTime"] = now()
        outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
        self._work(job, tasks, [output["S3Output"] for output in outputs])

    def _train(self, job: Job) -> None:
        request = job.request
        s3 = self._s3(job)
        call, command = training_program(request)
        hosts = workspace.hosts_of(capacity.instances_of(resources_of(request))[1])
        self._secondary(job, "Downloading")
        tasks = []
        for number, host in enumerate(hosts):
            root = workspace.root_of(job.folder, host)
            env = workspace.prepare_training(root, request, job.arn, host, hosts)
            for channel in request.get("InputDataConfig") or []:
                folder = root / "input" / "data" / channel["ChannelName"]
                job_files.fetch(s3, job, channel["DataSource"]["S3DataSource"], folder, number, len(hosts))
            job_files.restore_checkpoints(s3, job, root)
            tasks.append((host, Task(root, self._environment(job) | env, command, call)))
        self._secondary(job, "Training")
        with self.context.lock:
            job.described["TrainingStartTime"] = now()
        job.work.heard, last = training_metrics.listener(self.context.cloud, job)
        try:
            self._work(job, tasks, job_files.checkpoints(job))
        finally:
            with self.context.lock:
                job.described["FinalMetricDataList"] = training_metrics.final_list(last)
        self._secondary(job, "Uploading")
        self._keep_model(job)

    def _work(self, job: Job, tasks: list[tuple[str, Task]], outputs: list[Mapping[str, Any]]) -> None:
        """Run the processes, then keep what they wrote."""
        s3 = self._s3(job)
        continuous = [output for output in outputs if output.get("S3UploadMode") == "Continuous"]
        over = threading.Event()
        watcher = spawn(job_files.upload_as_written, s3, tasks, continuous, over) if continuous else None
        try:
            code = job.work.run(tasks)
        finally:
            over.set()
            if watcher is not None:
                watcher.join()
        if code == 0:
            for _, task in tasks:
                for output in outputs:
                    if output not in continuous:
                        job_files.upload(s3, task, output)
            return
        told = failure_file(tasks[0][1].opt_ml) or job.work.last_words()
        if job.work.timed_out:
            raise Failed(f"MaxRuntimeInSeconds exceeded: {told}")
        raise Failed(failure_of(told, code))

    def _keep_model(self, job: Job) -> None:
        place = job_files.keep_model(self._s3(job), job)
        with self.context.lock:
            job.described["ModelArtifacts"] = {"S3ModelArtifacts": place}

    def _secondary(self, job: Job, status: str) -> None:
        with self.context.lock:
            transition(job.described, status)
        emit_state_change(job, self.context.lock, self.context.tags.get(job.arn, {}))

    def _end(self, job: Job, status: str, *, secondary: str | None = None, reason: str | None = None) -> None:
        with self.context.lock:
            described = job.described
            described[f"{job.kind}JobStatus"] = status
            described["LastModifiedTime"] = described[f"{job.kind}EndTime"] = now()
            if reason:
                described["FailureReason"] = reason[:1024]
                if job.kind == PROCESSING:
                    described["ExitMessage"] = job.work.last_words() or reason[:1024]
            if job.kind == TRAINING:
                transition(described, secondary or status)
                described["SecondaryStatusTransitions"][-1]["EndTime"] = now()
                started = described.get("TrainingStartTime")
                if started is not None:
                    seconds = max(1, round((described["TrainingEndTime"] - started).total_seconds()))
                    described |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
        emit_state_change(job, self.context.lock, self.context.tags.get(job.arn, {}))
