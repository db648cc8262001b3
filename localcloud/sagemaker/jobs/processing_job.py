"""Processing jobs: inputs from S3, a program, outputs to S3.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeProcessingJob.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.containers.tasks import Task
from localcloud.sagemaker.jobs import job_files, workspace
from localcloud.sagemaker.jobs.job_kind import Description, JobKind
from localcloud.sagemaker.jobs.job_records import Job
from localcloud.sagemaker.jobs.job_requests import processing_command, refuse_processing
from localcloud.sagemaker.jobs.job_run import JobRun


def run_processing(run: JobRun) -> None:
    """Lay the inputs out on every host, run the program, keep the outputs."""
    request, hosts, s3 = run.job.request, run.hosts, run.s3
    command = () if run.container else processing_command(request["AppSpecification"])
    tasks = []
    for number, host in enumerate(hosts):
        root = workspace.root_of(run.job.folder, host)
        env = workspace.prepare_processing(root, request, run.job.arn, host, hosts)
        for entry in request.get("ProcessingInputs") or []:
            folder = workspace.inside(root, entry["S3Input"]["LocalPath"])
            job_files.fetch(s3, run.job, entry["S3Input"], folder, number, len(hosts))
        tasks.append((host, Task(root, run.environment | env, command, container=run.container)))
    run.note_start()
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    run.run_tasks(tasks, [output["S3Output"] for output in outputs])


def _begun(described: Mapping[str, Any]) -> Description:
    """A day where nothing is said.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingStoppingCondition.html
    """
    return {"StoppingCondition": {"MaxRuntimeInSeconds": 86_400}, **described}


def _ended(job: Job, _: str | None) -> None:
    reason = job.described.get("FailureReason")
    if reason:
        last_words = job.work.last_words() if job.work is not None else ""
        job.described["ExitMessage"] = last_words or reason


PROCESSING_JOB = JobKind(
    "Processing", "Could not find requested job with name: {name}", refuse_processing, run_processing, begun=_begun,
    ended=_ended, listed=("FailureReason", "ExitMessage"),
)  # fmt: skip
