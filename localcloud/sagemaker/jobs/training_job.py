"""Training jobs: channels from S3, an algorithm or a script, a model to S3, and a secondary status on the way.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.containers.tasks import Task
from localcloud.sagemaker.jobs import job_files, training_metrics, workspace
from localcloud.sagemaker.jobs.job_kind import Description, JobKind
from localcloud.sagemaker.jobs.job_records import Job, transition
from localcloud.sagemaker.jobs.job_requests import refuse_training, training_program
from localcloud.sagemaker.jobs.job_run import JobRun
from localcloud.sagemaker.jobs.training_description import training_description


def run_training(run: JobRun) -> None:
    """Lay the channels out on every host, run the program, keep the model."""
    call, command = (None, ()) if run.container else training_program(run.job.request)
    _secondary(run, "Downloading")
    tasks = [_task(run, number, host, command, call) for number, host in enumerate(run.hosts)]
    _secondary(run, "Training")
    run.note_start()
    run.job.work.heard, last = training_metrics.listener(run.context.cloud, run.job)
    try:
        run.run_tasks(tasks, job_files.checkpoints(run.job))
    finally:
        run.describe({"FinalMetricDataList": training_metrics.final_list(last)})
    _secondary(run, "Uploading")
    _keep_model(run)


def _task(run: JobRun, number: int, host: str, command: tuple[str, ...], call: str | None) -> tuple[str, Task]:
    request, s3, hosts = run.job.request, run.s3, run.hosts
    root = workspace.root_of(run.job.folder, host)
    env = workspace.prepare_training(root, request, run.job.arn, host, hosts, toolkit=run.container is None)
    for channel in request.get("InputDataConfig") or []:
        folder = root / "input" / "data" / channel["ChannelName"]
        job_files.fetch(s3, run.job, channel["DataSource"]["S3DataSource"], folder, number, len(hosts))
    job_files.restore_checkpoints(s3, run.job, root)
    return host, Task(root, run.environment | env, command, call, run.container)


def _keep_model(run: JobRun) -> None:
    place = job_files.keep_model(run.s3, run.job)
    run.describe({"ModelArtifacts": {"S3ModelArtifacts": place}})


def _keep_what_there_is(run: JobRun) -> None:
    if any(run.job.folder.glob("opt/ml/model/*")):
        _keep_model(run)


def _secondary(run: JobRun, status: str) -> None:
    with run.context.lock:
        transition(run.job.described, status)
    run.emit_state_change()


def _begun(described: Mapping[str, Any]) -> Description:
    found = training_description(described) | {"SecondaryStatusTransitions": []}
    transition(found, "Starting")
    return found


def _stopping(job: Job) -> None:
    job.described["SecondaryStatus"] = "Stopping"


def _ended(job: Job, secondary: str | None) -> None:
    described = job.described
    transition(described, secondary or job.status)
    described["SecondaryStatusTransitions"][-1]["EndTime"] = described["TrainingEndTime"]
    started = described.get("TrainingStartTime")
    if started is not None:
        seconds = max(1, round((described["TrainingEndTime"] - started).total_seconds()))
        described |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}


TRAINING_JOB = JobKind(
    "Training", "Requested resource not found.", refuse_training, run_training, begun=_begun, stopping=_stopping,
    ended=_ended, kept_when_stopped=_keep_what_there_is, listed=("SecondaryStatus",),
)  # fmt: skip
