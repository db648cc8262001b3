"""Messages at the border: AWS's shapes in, named tuples out.

Every parser takes the raw event and raises ``BadMessage`` when the shape is not the documented one. Keys in EventBridge
events are not URL-encoded (those in S3 notifications are): they are taken as they come.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.names.bucket_keys import parse_labels_key, parse_upload_key
from app.decide.names.resource_names import model_in_name, model_of_run
from app.decide.names.shown_text import shown
from app.decide.names.statuses import PIPELINE_ENDED, RunStatus
from app.decide.names.times import from_iso, iso
from app.decide.parsing import INVOCATION, QUEUE_MESSAGE, TASK, event, event_of, message


class DatasetArrived(NamedTuple):
    """An object was created in the data bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    bucket: str
    key: str
    version_id: str  # "null" where the bucket was not versioned
    etag: str
    size_bytes: int
    uploaded_at: datetime  # to the second

    @property
    def identity(self) -> tuple[str, str, str]:
        """Unique key of the upload."""
        return self.bucket, self.key, self.version_id

    @property
    def model(self) -> str:
        """The model whose folder the object lies in; "" for none."""
        return (parse_upload_key(self.key) or parse_labels_key(self.key) or ("", ""))[0]

    def as_event(self) -> dict[str, Any]:
        """The event that this is parsed from."""
        found = {"key": self.key, "version-id": self.version_id, "etag": self.etag, "size": self.size_bytes}
        detail = {"bucket": {"name": self.bucket}, "object": found}
        return event_of(DatasetArrived.__name__, detail) | {"time": iso(self.uploaded_at)}

    @staticmethod
    @message(event("aws.s3", "Object Created", queued=True))
    def parse(document: dict[str, Any]) -> "DatasetArrived":
        """From the body of a queue message, which is the EventBridge event."""
        obj = document["detail"]["object"]
        return DatasetArrived(
            bucket=document["detail"]["bucket"]["name"],
            key=obj["key"],
            version_id=obj.get("version-id", "null"),
            etag=obj["etag"],
            size_bytes=int(obj["size"]),
            uploaded_at=from_iso(document["time"]),
        )


class RunTask(NamedTuple):
    """A task of the retraining machine, about one run; ``task_token`` is empty where the state awaits none."""

    model: str
    run: str
    execution: str = ""  # ARN of the machine's execution
    task_token: str = ""
    version: int = 0
    pipeline_execution_arn: str = ""
    job: str = ""  # the transform job that verifies the version, where it has no endpoint
    config: str = ""  # what was deployed

    @staticmethod
    @message(TASK)
    def parse(document: dict[str, Any]) -> "RunTask":
        """From the payload that the state machine gives."""
        return RunTask(
            model=str(document["model"]),
            run=str(document["run"]),
            execution=str(document.get("execution", "")),
            task_token=str(document.get("task_token", "")),
            version=int(document.get("version", 0)),
            pipeline_execution_arn=str(document.get("pipeline_execution_arn", "")),
            **{name: str(document.get("deployment", {}).get(name, "")) for name in ("job", "config")},
        )


SCHEDULED, OF_SCHEDULES = "Scheduled Event", ("aws.events", "aws.scheduler")
WINDOWS, TRIGGERS = "windows", {name: name for name in ("", "schedule", "windows")}
NOT_REPLACED = "<aws.scheduler."  # EventBridge Scheduler replaces it; a rule, or a person, does not


class RunRequested(NamedTuple):
    """A person, or a schedule, requests a run of a model on the data that is there."""

    model: str
    id: str  # the requester's own, for idempotency; "" for one a call
    overrides: dict[str, Any]  # "parameters", "pipeline_version", "no_cache": where they are requested
    by: str = ""  # who asks, as they claim
    trigger: str = ""  # "schedule" or "windows", whom the model's policy may hold back; "" is a person
    cause: dict[str, Any] = {}  # what the policy says of why: {"kind", "evidence"}

    @staticmethod
    @message(INVOCATION)
    def parse(document: dict[str, Any]) -> "RunRequested":
        """From the payload of an invocation, or from the event of a schedule that gives none.

        Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html and
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
        """
        if document.get("detail-type") == SCHEDULED:
            return _of_schedule(document)
        request = str(document.get("request") or "")
        if NOT_REPLACED in request:
            raise ValueError(f"request is {request!r}, which only EventBridge Scheduler replaces; leave request out")
        parameters = {str(name): str(value) for name, value in dict(document.get("parameters") or {}).items()}
        overrides: dict[str, Any] = {"parameters": parameters} if parameters else {}
        if document.get("version") is not None:
            overrides["pipeline_version"] = int(document["version"])
        if document.get("no_cache"):
            overrides["no_cache"] = True
        asks = (str(document.get("by") or ""), TRIGGERS[str(document.get("trigger") or "")])
        return RunRequested(str(document["model"]), request, overrides, *asks)


def _of_schedule(document: dict[str, Any]) -> RunRequested:
    """A schedule's own event names the schedule, and nothing else: its name says the model, as all names here do."""
    name = str(document["resources"][0]).rpartition("/")[2]
    if document["source"] not in OF_SCHEDULES or not model_in_name(name):
        said = "names no model: call it <stack>--<model>, or give it an input with 'model'"
        raise ValueError(f"schedule '{name}' {said}")
    return RunRequested(model_in_name(name), str(document["id"]), {})


class PipelineChanged(NamedTuple):
    """A pipeline execution of this stack changed its status; Describe says to what."""

    run: str  # the execution's display name
    execution_arn: str
    ended: bool  # as the event has it

    @property
    def model(self) -> str:
        """The model that the run is of."""
        return model_of_run(self.run)

    @staticmethod
    @message(event("aws.sagemaker", "SageMaker Model Building Pipeline Execution Status Change"))
    def parse(document: dict[str, Any]) -> "PipelineChanged":
        """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html"""
        detail = document["detail"]
        return PipelineChanged(
            run=str(detail.get("pipelineExecutionDisplayName", "")),
            execution_arn=str(detail["pipelineExecutionArn"]),
            ended=detail["currentPipelineExecutionStatus"] in PIPELINE_ENDED,
        )


class PredictionsRequested(NamedTuple):
    """The pipeline's Callback step asks for the champion's predictions, or is being stopped."""

    token: str  # of the pipeline's step
    execution_arn: str
    model: str
    version: int  # that served when the run was planned; 0: none did
    records: str  # S3 URI of the rows, a JSON object a line
    stopping: bool  # the execution ends as soon as the token is answered

    @staticmethod
    @message(QUEUE_MESSAGE)
    def parse(document: dict[str, Any]) -> "PredictionsRequested":
        """From the body of a queue message.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-callback and
        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html, which spells "Status"
        """
        arguments = document["arguments"]
        status = str(document.get("status", document.get("Status", ""))).lower()
        return PredictionsRequested(
            str(document["token"]), str(document["pipelineExecutionArn"]), str(arguments["model"]),
            int(arguments["version"]), str(arguments["records"]), status == "stopping",
        )  # fmt: skip


class PackageChanged(NamedTuple):
    """A model package's state changed; ``decision`` says whether its approval status may have."""

    arn: str
    group: str
    version: int
    decision: bool  # False for edits of metadata, which repeat the old status

    @property
    def model(self) -> str:
        """The model of a group of this stack, and of no other."""
        return model_in_name(self.group)

    @staticmethod
    @message(event("aws.sagemaker", "SageMaker Model Package State Change"))
    def parse(document: dict[str, Any]) -> "PackageChanged":
        """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html"""
        detail = document["detail"]
        arn, updated = str(detail["ModelPackageArn"]), detail.get("UpdatedModelPackageFields")
        group, version = str(detail["ModelPackageGroupName"]), int(detail["ModelPackageVersion"])
        if not arn.lower().endswith(f":model-package/{group}/{version}".lower()):  # another's decision would count
            raise ValueError(f"{arn} is not version {version} of {group}")
        return PackageChanged(arn, group, version, decision=not updated or "ModelApprovalStatus" in updated)


class DeploymentDue(NamedTuple):
    """What serves a model may not be what should: its endpoint changed, or an execution ended."""

    model: str
    endpoint: str = ""
    ended: str = ""  # ARN of the execution

    @staticmethod
    @message(
        event("aws.sagemaker", "SageMaker Endpoint State Change"),
        event("aws.states", "Step Functions Execution Status Change"),
    )
    def parse(document: dict[str, Any]) -> "DeploymentDue":
        """From an endpoint's or an execution's status-change event.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html and
        https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        """
        detail = document["detail"]
        if "EndpointName" in detail:
            return DeploymentDue(model_in_name(detail["EndpointName"]), endpoint=str(detail["EndpointName"]))
        return DeploymentDue(str(json.loads(detail["input"])["model"]), ended=str(detail["executionArn"]))


class ReconciliationDue(NamedTuple):
    """The schedule starts a reconciliation, or a person a look at all that is uploaded."""

    grace_s: int  # runs with progress this recently are left alone
    rescan: dict[str, Any] | None = None  # "model", or the pass through its uploads that goes on

    @staticmethod
    @message(INVOCATION)
    def parse(document: dict[str, Any]) -> "ReconciliationDue":
        """From the schedule's input, or the payload of an invocation."""
        rescan = document.get("rescan")
        return ReconciliationDue(int(document["grace_s"]), None if rescan is None else dict(rescan))


MOST_REASON = 2_000  # characters: of a failed step, its job's reason and last log lines


class RunEnded(NamedTuple):
    """A run reached its end, as the machine says, or as the end of its execution shows."""

    model: str
    run: str
    execution: str
    status: RunStatus
    reasons: tuple[str, ...]
    batch: bool = False  # whether its version serves without an endpoint
    notified: bool = True  # False where the execution did not pass the state Notify, or that failed
    leftover: str = ""  # an endpoint that the model has no more need of
    began: tuple[str, ...] = ()  # lines, where the model's policy began it
    timed_out: bool = False  # the execution was longer than Step Functions permits

    @staticmethod
    @message(TASK, event("aws.states", "Step Functions Execution Status Change"))
    def parse(document: dict[str, Any]) -> "RunEnded":
        """From the machine's whole state plus ``execution``, or from an execution's status-change event.

        Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
        """
        if "detail-type" in document:
            detail = document["detail"]
            why = error_text(str(detail.get("error") or detail["status"]), str(detail.get("cause") or ""))
            run, over, arn = json.loads(detail["input"])["run"], detail["status"] == "TIMED_OUT", detail["executionArn"]
            return RunEnded(model_of_run(run), run, arn, RunStatus.FAILED, (why,), notified=False, timed_out=over)
        state, end = document["state"], document["state"]["end"]
        reasons = [shown(str(reason), MOST_REASON) for reason in end.get("reasons", [])]
        if "error" in state and end["status"] == RunStatus.FAILED:
            reasons.append(error_text(str(state["error"].get("Error", "")), str(state["error"].get("Cause", ""))))
        status, deployment = RunStatus(end["status"]), state.get("deployment", {})
        if status is RunStatus.DEPLOYED:  # why, where its run had ended, and what was found that was not left so
            reasons += [shown(str(one), MOST_REASON) for one in [state.get("why"), *deployment.get("found", [])] if one]
        return RunEnded(
            state["model"], state["run"], document["execution"], status, tuple(reasons), "job" in deployment,
            notified="unnotified" not in state,
            leftover=state.get("verified", {}).get("leftover", ""), began=tuple(state.get("plan", {}).get("began", ())),
        )  # fmt: skip


def error_text(error: str, cause: str) -> str:
    """The readable text of a task's error: a Lambda's cause is JSON with the message inside, a token's is text."""
    try:
        document = json.loads(cause)
    except ValueError:
        document = None
    message = document.get("errorMessage") if isinstance(document, dict) else None
    return shown(str(message or cause or error), MOST_REASON)
