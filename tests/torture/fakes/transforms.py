"""SageMaker's batch transforms in memory: a job runs for its time, then its model's container has answered."""

from __future__ import annotations

from typing import Any

from tests.torture.agenda import Agenda
from tests.torture.fakes.endpoints import NO_INSTANCES, Endpoints
from tests.torture.fakes.pipelines import PREDICTIONS
from tests.torture.fakes.resources import Emit, Lagging, invalid
from tests.torture.fakes.s3 import BUCKET, S3
from tests.torture.fates import Container
from tests.torture.faults import Faults, refusal

EVENT = "SageMaker Transform Job State Change"


def answer(record: str, container: Container) -> float:
    """What a container answers a record: as the pipelines' held-out records were predicted."""
    right: float = PREDICTIONS[record != '["1"]']["probability"]
    return right + (0.125 if container is Container.WRONG else 0.0)


class Transforms:
    """All jobs by name."""

    def __init__(self, agenda: Agenda, faults: Faults, emit: Emit, s3: S3, endpoints: Endpoints) -> None:
        self._agenda, self._faults, self._emit, self._s3, self._endpoints = agenda, faults, emit, s3, endpoints
        self.jobs: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, Lagging[str]] = {}
        self._failures: dict[str, str] = {}

    def create_transform_job(self, **request: Any) -> dict[str, Any]:
        """CreateTransformJob."""
        name = request["TransformJobName"]
        if name in self.jobs:
            raise refusal("ResourceInUse", f"{name} exists")
        if request["ModelName"] not in self._endpoints.models:
            raise invalid(f"Could not find model {request['ModelName']}")
        self.jobs[name] = request
        self.statuses[name] = Lagging(self._agenda, self._faults, "InProgress")
        container = self._endpoints.of_model(request["ModelName"])
        seconds = self._faults.random.choice((30.0, 600.0))
        self._agenda.later(seconds, f"{name} ends", lambda: self._end(name, container))
        return {}

    def _end(self, name: str, container: Container) -> None:
        if self.statuses[name].now != "InProgress":
            return
        if self._faults.random.random() < 0.1:
            self._failures[name] = NO_INSTANCES
        elif container in (Container.DEAD, Container.BROKEN):
            self._failures[name] = "AlgorithmError: the container answered with errors"
        else:
            lines = "".join(f"{answer(record, container)}\n" for record in self._records(name))
            key = f"{self.jobs[name]['TransformOutput']['S3OutputPath']}/records.jsonl.out".partition(f"{BUCKET}/")[2]
            self._s3.put_object(Bucket=BUCKET, Key=key, Body=lines.encode())
        self.settle(name, "Failed" if name in self._failures else "Completed")

    def _records(self, job: str) -> list[str]:
        source = self.jobs[job]["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
        body: bytes = self._s3.get_object(Bucket=BUCKET, Key=source.partition(f"{BUCKET}/")[2])["Body"].read()
        return body.decode().splitlines()

    def settle(self, name: str, status: str) -> None:
        """End a job with a status."""
        self.statuses[name].change(status, f"transform job {name}")
        self._emit("aws.sagemaker", EVENT, {"TransformJobName": name, "TransformJobStatus": status})

    def describe_transform_job(self, *, TransformJobName: str) -> dict[str, Any]:
        """DescribeTransformJob."""
        if TransformJobName not in self.jobs:
            raise invalid(f"Could not find {TransformJobName}")
        job, status = self.jobs[TransformJobName], self.statuses[TransformJobName].described
        described = {"TransformJobStatus": status, "ModelName": job["ModelName"], **job}
        why = self._failures.get(TransformJobName) if status == "Failed" else None
        return described | ({"FailureReason": why} if why else {})

    def stop_transform_job(self, *, TransformJobName: str) -> dict[str, Any]:
        """StopTransformJob."""
        if TransformJobName not in self.jobs or self.statuses[TransformJobName].now != "InProgress":
            raise invalid(f"Could not stop {TransformJobName}")
        self.settle(TransformJobName, "Stopped")
        return {}
