"""One job on its way: its role, its clients, its processes and the outputs that it leaves."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from localcloud.background import spawn
from localcloud.containers.tasks import Container, Task
from localcloud.sagemaker import capacity, roles
from localcloud.sagemaker.api_shapes import Context, now
from localcloud.sagemaker.jobs import job_files, own_images, workspace
from localcloud.sagemaker.jobs.job_processes import environment, failure_file
from localcloud.sagemaker.jobs.job_records import Job, emit_state_change
from localcloud.sagemaker.jobs.job_requests import Failed, failure_of, image_uri, resources_of


class JobRun:
    """A job and what it runs with: the same for every kind of job."""

    def __init__(self, context: Context, job: Job) -> None:
        self.context = context
        self.job = job

    @property
    def s3(self) -> Any:
        """An S3 client under the job's role."""
        return roles.client(self.context.cloud, "s3", str(self.job.request["RoleArn"]))

    @property
    def environment(self) -> dict[str, str]:
        """What each of its processes finds in its environment, besides what its kind adds."""
        key = roles.credentials(f"job/{self.job.name}", str(self.job.request["RoleArn"]))
        return environment(self.context.cloud, key)

    @cached_property
    def container(self) -> Container | None:
        """What a container engine of this machine runs of it; None where a stand-in or this machine's Python does."""
        return own_images.container_of(self.job.request)

    @property
    def hosts(self) -> list[str]:
        """algo-1, algo-2, ..., as many as it has instances."""
        return workspace.hosts_of(capacity.instances_of(resources_of(self.job.request))[1])

    def take_on_role(self) -> None:
        """Hold the job's role to what starting its container takes.

        Raises:
            Refused: where policies are enforced and do not permit it.
        """
        job, group, image = self.job, f"/aws/sagemaker/{self.job.kind}Jobs", image_uri(self.job.request)
        roles.before_container(str(job.request["RoleArn"]), job.arn, image, group, f"{job.name}/algo-1", group)

    def note_start(self) -> None:
        """The job's program starts now."""
        self.describe({f"{self.job.kind}StartTime": now()})

    def describe(self, more: Mapping[str, Any]) -> None:
        """Describe answers this, too."""
        with self.context.lock:
            self.job.described |= more

    def emit_state_change(self) -> None:
        """Send the event that tells of the job's state."""
        emit_state_change(self.job, self.context.lock, self.context.tags.get(self.job.arn, {}))

    def run_tasks(self, tasks: list[tuple[str, Task]], outputs: list[Mapping[str, Any]]) -> None:
        """Run a process per host, then keep what they wrote.

        Raises:
            Failed: one failed, or ran too long.
        """
        s3 = self.s3
        continuous = [output for output in outputs if output.get("S3UploadMode") == "Continuous"]
        over = threading.Event()
        watcher = spawn(job_files.upload_as_written, s3, tasks, continuous, over) if continuous else None
        try:
            code = self.job.work.run(tasks)
        finally:
            over.set()
            if watcher is not None:
                watcher.join()
        if code != 0:
            raise self._failure(tasks, code)
        for _, task in tasks:
            for output in outputs:
                if output not in continuous:
                    job_files.upload(s3, task, output)

    def _failure(self, tasks: list[tuple[str, Task]], code: int) -> Failed:
        reason = failure_file(tasks[0][1].opt_ml) or self.job.work.last_words()
        if self.job.work.timed_out:
            return Failed(f"MaxRuntimeInSeconds exceeded: {reason}")
        return Failed(failure_of(reason, code))
