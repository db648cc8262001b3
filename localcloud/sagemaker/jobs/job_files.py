"""What a job reads before it runs, and what it leaves."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.containers.tasks import Task
from localcloud.sagemaker import storage
from localcloud.sagemaker.jobs import workspace
from localcloud.sagemaker.jobs.job_records import Job
from localcloud.sagemaker.jobs.job_requests import Failed

CONTINUOUS_EVERY_S = 1.0
CHECKPOINTS = "/opt/ml/checkpoints"  # unless CheckpointConfig says otherwise


def fetch(s3: Any, job: Job, source: Mapping[str, Any], folder: Path, host: int, hosts: int) -> None:
    """Lay one of a job's inputs out for one of its hosts.

    Raises:
        Failed: the job was stopped.
        DataProblem: nothing there, or names that no folder can hold.
    """
    if job.work.stopped.is_set():
        raise Failed("stopped")
    storage.fetch(s3, source, folder, host, hosts)


def upload(s3: Any, task: Task, output: Mapping[str, Any], seen: dict[Path, tuple[int, int]] | None = None) -> None:
    """Keep one of a processing job's outputs; with ``seen``, only what has changed since."""
    storage.upload(s3, workspace.inside(task.opt_ml, output["LocalPath"]), output["S3Uri"], seen)


def upload_as_written(
    s3: Any, tasks: list[tuple[str, Task]], outputs: list[Mapping[str, Any]], over: threading.Event
) -> None:
    """Keep continuous outputs again and again until ``over``, and once more."""
    seen: dict[Path, tuple[int, int]] = {}
    ended = False
    while not ended:
        ended = over.wait(CONTINUOUS_EVERY_S)
        for _, task in tasks:
            for output in outputs:
                upload(s3, task, output, seen)


def checkpoints(job: Job) -> list[Mapping[str, Any]]:
    """Where a training's checkpoints lie here and in S3, as a continuous output; none where it has none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
    """
    config = job.request.get("CheckpointConfig")
    if not config:
        return []
    return [{"S3UploadMode": "Continuous", "LocalPath": CHECKPOINTS, **config}]


def restore_checkpoints(s3: Any, job: Job, root: Path) -> None:
    """Lay out the checkpoints that an earlier training left, if any."""
    for entry in checkpoints(job):
        storage.fetch_if_any(s3, entry["S3Uri"], workspace.inside(root, entry["LocalPath"]))


def keep_model(s3: Any, job: Job) -> str:
    """Keep a training's model and other output as archives; where the model is."""
    root = workspace.root_of(job.folder, "algo-1")
    base = f"{job.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job.name}/output"
    for folder, name in ((root / "model", "model"), (root / "output" / "data", "output")):
        if name == "model" or any(folder.iterdir()):
            archive = job.folder / f"{name}.tar.gz"
            storage.pack(folder, archive)
            storage.put_file(s3, archive, *storage.split(f"{base}/{name}.tar.gz"))
    return f"{base}/model.tar.gz"
