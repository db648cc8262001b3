"""Batch transform jobs: a model's own servers score every object of the input, each to its ``.out``.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcloud.background import spawn
from localcloud.bus import events
from localcloud.sagemaker import api_shapes, capacity, roles, storage
from localcloud.sagemaker.api_shapes import Context, Request, invalid, now
from localcloud.sagemaker.endpoints.model_server import NotServing
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.jobs.job_records import in_milliseconds
from localcloud.sagemaker.transforms.batch_servers import BatchServers
from localcloud.sagemaker.transforms.transform_data import MEGABYTE, BadTransform, Form, described_filters, unpacked

ENDED = ("Completed", "Failed", "Stopped")
MOST_MB = 100  # MaxConcurrentTransforms times MaxPayloadInMB
DEFAULTS = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MULTI_RECORD"}


@dataclass
class Transform:
    """One transform job."""

    name: str
    arn: str
    request: Mapping[str, Any]
    described: dict[str, Any]
    stopping: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    servers: BatchServers | None = None
    unplaced: bool = False  # its type of instance had no capacity
    modified: datetime = field(default_factory=now)

    def __getstate__(self) -> dict[str, Any]:
        """All but the processes: a job that is read again has ended."""
        return vars(self) | {"servers": None}

    @property
    def status(self) -> str:
        """InProgress, Completed, Failed, Stopping or Stopped."""
        return str(self.described["TransformJobStatus"])


class Transforms:
    """All transform jobs of this cloud."""

    def __init__(self, context: Context, models: Models, slots: threading.BoundedSemaphore) -> None:
        self.context = context
        self.models = models
        self.slots = slots
        self.transforms: dict[str, Transform] = {}

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on transform jobs."""
        return {
            "CreateTransformJob": lambda r: {"TransformJobArn": self.create(r).arn},
            "DescribeTransformJob": lambda r: self.describe(r["TransformJobName"]),
            "StopTransformJob": lambda r: self.stop(r["TransformJobName"]),
            "ListTransformJobs": self.list_all,
        }

    def create(self, request: Request) -> Transform:
        """CreateTransformJob; it runs in the background."""
        api_shapes.check("CreateTransformJob", request)
        name = request["TransformJobName"]
        self.models.model(request["ModelName"])
        _refuse(request)
        resources = request["TransformResources"]
        with self.context.lock:
            capacity.refuse_excess("transform job", capacity.wanted(resources), self._in_use())
            if name in self.transforms:
                raise api_shapes.job_name_in_use("transform job", self.transforms[name].arn)
            arn = self.context.arn("transform-job", name)
            kept = {key: value for key, value in request.items() if key != "Tags"} | described_filters(request)
            described = kept | {"TransformJobArn": arn, "TransformJobStatus": "InProgress", "CreationTime": now()}
            job = Transform(name, arn, dict(request), described, unplaced=capacity.placed(resources) is None)
            self.transforms[name] = job
            self.context.tag(arn, request.get("Tags"))
        self.emit_state_change(job)
        spawn(self._run, job)
        return job

    def describe(self, name: str) -> dict[str, Any]:
        """DescribeTransformJob."""
        with self.context.lock:
            return dict(self._get(name).described)

    def stop(self, name: str) -> None:
        """StopTransformJob: what is written stays."""
        job = self._get(name)
        with self.context.lock:
            if job.status in ENDED:
                return
            job.described["TransformJobStatus"] = "Stopping"
            job.modified = now()
        self.emit_state_change(job)
        job.stopping.set()
        if job.servers is not None:
            job.servers.stop()

    def interrupt(self, reason: str) -> None:
        """End every job whose process is gone, and tell of it: the cloud was started again."""
        for job in self.transforms.values():
            if job.status not in ENDED:
                self._end(job, "Stopped", reason)

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListTransformJobs."""
        key = {"Name": "TransformJobName", "Status": "TransformJobStatus"}.get(
            request.get("SortBy") or "", "CreationTime"
        )
        with self.context.lock:
            found = [
                job
                for job in self.transforms.values()
                if (request.get("NameContains") or "") in job.name
                and request.get("StatusEquals") in (None, job.status)
                and api_shapes.within(request, job.described["CreationTime"], job.modified)
            ]
            items, token = api_shapes.page(
                found, request, default_size=api_shapes.SHORT_PAGE, sort=lambda job: job.described[key]
            )
        names = ("TransformJobName", "TransformJobArn", "TransformJobStatus", "CreationTime", "TransformEndTime",
                 "FailureReason")  # fmt: skip
        summaries = [
            {name: job.described[name] for name in names if name in job.described} | {"LastModifiedTime": job.modified}
            for job in items
        ]
        return api_shapes.answer_page("TransformJobSummaries", summaries, token)

    def _in_use(self) -> Counter[str]:
        used: Counter[str] = Counter()
        for job in self.transforms.values():
            if job.status not in ENDED and not job.unplaced:
                used.update(dict(capacity.wanted(job.request["TransformResources"])))
        return used

    def _get(self, name: str) -> Transform:
        if name not in self.transforms:
            raise invalid(f"Could not find transform job {name}.")
        return self.transforms[name]

    def _run(self, job: Transform) -> None:
        status, reason = "Failed", None
        try:
            if job.unplaced:
                reason = capacity.NO_CAPACITY
                return
            with self.slots:
                self._score(job)
            status = "Stopped" if job.stopping.is_set() else "Completed"
        except (BadTransform, storage.DataProblem, NotServing) as failure:
            status, reason = ("Stopped", None) if job.stopping.is_set() else ("Failed", f"ClientError: {failure}")
        except Exception as error:
            reason = f"InternalServerError: {type(error).__name__}: {error}"
            raise
        finally:
            self._end(job, status, reason)

    def _end(self, job: Transform, status: str, reason: str | None) -> None:
        with self.context.lock:
            job.modified = now()
            job.described |= {"TransformJobStatus": status, "TransformEndTime": job.modified}
            if reason:
                job.described["FailureReason"] = reason[:1024]
        job.done.set()
        self.emit_state_change(job)

    def _score(self, job: Transform) -> None:
        role = str(self.models.model(job.request["ModelName"]).request.get("ExecutionRoleArn") or "")
        s3 = roles.client(self.context.cloud, "s3", role)
        source = job.request["TransformInput"]["DataSource"]["S3DataSource"]
        objects = storage.objects_of(s3, source)
        job.servers = BatchServers(self.context, job.name, self.models.containers(job.request["ModelName"]), role)
        try:
            job.servers.start(_environment(job.request))
            with self.context.lock:
                job.described["TransformStartTime"] = now()
            settings = DEFAULTS | job.servers.parameters() | _given(job.request)
            form = form_of(job.request, settings)
            scored = (self._score_object(job, s3, uri, name, form, settings) for uri, name in objects)
            failures = [told for told in scored if told]
            if failures:
                more = f" ({len(failures)} of {len(objects)} objects failed)" if len(objects) > 1 else ""
                raise BadTransform(f"{failures[0]}{more}")
        finally:
            job.servers.stop()

    def _score_object(
        self, job: Transform, s3: Any, uri: str, name: str, form: Form, settings: Mapping[str, Any]
    ) -> str | None:
        """Score one object; why it failed, if it did: then nothing is written for it, and the others go on."""
        servers = job.servers
        if job.stopping.is_set() or servers is None:
            return None
        target = f"{job.request['TransformOutput']['S3OutputPath'].rstrip('/')}/{name}.out"
        try:
            data = storage.get(s3, uri)
            if job.request["TransformInput"].get("CompressionType") == "Gzip":
                data = unpacked(data)

            def scored(records: list[bytes]) -> bytes:
                answer = servers.invoke(form.body(records), form.content_type, form.accept)
                return form.output(records, answer)

            with ThreadPoolExecutor(settings["MaxConcurrentTransforms"]) as pool:
                found = b"".join(pool.map(scored, [records for records in form.requests(data) if records]))
        except (BadTransform, OSError) as error:
            servers.log(f"{uri}: {error}")
            return f"{uri}: {error}"
        if not job.stopping.is_set():
            storage.put(s3, found, target)
        return None

    def emit_state_change(self, job: Transform) -> None:
        """The job's state has changed."""
        with self.context.lock:
            detail = in_milliseconds(job.described) | {"Tags": dict(self.context.tags.get(job.arn, {}))}
        events.emit("aws.sagemaker", "SageMaker Transform Job State Change", detail, [job.arn])


def form_of(request: Request, settings: Mapping[str, Any]) -> Form:
    """How a request's records are cut and put together.

    Raises:
        BadTransform: parts of it do not go together.
    """
    source, output = request["TransformInput"], request["TransformOutput"]
    processing = request.get("DataProcessing") or {}
    return Form(
        split=source.get("SplitType") == "Line",
        single=str(settings["BatchStrategy"]).upper().replace("_", "") == "SINGLERECORD",
        assembled=output.get("AssembleWith") == "Line",
        most_bytes=settings["MaxPayloadInMB"] * MEGABYTE,
        content_type=source.get("ContentType") or "",
        accept=output.get("Accept") or "",
        input_filter=processing.get("InputFilter") or "$",
        output_filter=processing.get("OutputFilter") or "$",
        joined=processing.get("JoinSource") == "Input",
    )


def _refuse(request: Request) -> None:
    """What cannot run, said when it is asked for."""
    split = request["TransformInput"].get("SplitType") or "None"
    if split not in ("None", "Line"):
        raise invalid(f"SplitType {split} does not run outside AWS: use Line or None")
    kind = request["TransformInput"]["DataSource"]["S3DataSource"]["S3DataType"]
    if kind not in storage.LISTERS:
        raise invalid(f"S3DataType {kind} does not run outside AWS ({', '.join(storage.LISTERS)} do)")
    concurrent, payload = request.get("MaxConcurrentTransforms"), request.get("MaxPayloadInMB")
    if concurrent and payload and concurrent * payload > MOST_MB:
        raise invalid(
            f"MaxConcurrentTransforms ({concurrent}) times MaxPayloadInMB ({payload}) must not exceed {MOST_MB} MB"
        )
    try:
        form_of(request, DEFAULTS | _given(request))
    except BadTransform as error:
        raise invalid(str(error)) from error


def _given(request: Request) -> dict[str, Any]:
    found = {name: request[name] for name in DEFAULTS if request.get(name) is not None}
    if found.get("MaxConcurrentTransforms") == 0:  # as many as the container likes
        del found["MaxConcurrentTransforms"]
    return found


def _environment(request: Request) -> dict[str, str]:
    """What batch transform adds to a container's environment.

    Source: https://github.com/aws/sagemaker-xgboost-container, algorithm_mode/serve.py (SAGEMAKER_BATCH)
    """
    given = _given(request)
    batch = {"SAGEMAKER_BATCH": "true"}
    for name, variable in (
        ("MaxPayloadInMB", "SAGEMAKER_MAX_PAYLOAD_IN_MB"),
        ("BatchStrategy", "SAGEMAKER_BATCH_STRATEGY"),
        ("MaxConcurrentTransforms", "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"),
    ):
        if name in given:
            batch[variable] = str(given[name])
    return batch | {name: str(value) for name, value in (request.get("Environment") or {}).items()}
