"""Messages at the border about files that are to be scored."""

from typing import Any, NamedTuple

from app.decide.messages import MOST_REASON, error_text
from app.decide.names.resource_names import model_in_name
from app.decide.names.shown_text import shown
from app.decide.names.statuses import JOB_ENDED
from app.decide.parsing import TASK, event, message


class ScoringRequested(NamedTuple):
    """An object was created under ``scoring/``.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    bucket: str
    key: str
    version_id: str

    @property
    def model(self) -> str:
        """The model whose folder the object lies in."""
        return self.key.removeprefix("scoring/").partition("/")[0]

    @staticmethod
    @message(event("aws.s3", "Object Created"))
    def parse(document: dict[str, Any]) -> "ScoringRequested":
        """From the EventBridge event."""
        obj = document["detail"]["object"]
        return ScoringRequested(document["detail"]["bucket"]["name"], obj["key"], obj.get("version-id", "null"))


class ScoringTask(NamedTuple):
    """A task of the scoring machine, about one file."""

    bucket: str
    model: str
    rest: str  # the file's name below scoring/<model>/
    version_id: str
    task_token: str = ""
    status: str = ""  # how it ended
    reasons: tuple[str, ...] = ()
    rows: int = 0
    job: str = ""  # the transform job that answered; "" in an execution that an earlier release began

    @property
    def file(self) -> str:
        """The file, as people name it."""
        return self.rest

    @staticmethod
    @message(TASK)
    def parse(document: dict[str, Any]) -> "ScoringTask":
        """From the payload that the machine gives: its whole state where that has ended."""
        state = document.get("state", document)
        end, error = state.get("end", {}), state.get("error", {})
        reasons = [shown(str(reason), MOST_REASON) for reason in end.get("reasons", [])]
        if error:
            reasons.append(error_text(str(error.get("Error", "")), str(error.get("Cause", ""))))
        return ScoringTask(
            **{name: str(state["scoring"][name]) for name in ("bucket", "model", "rest", "version_id")},
            task_token=str(document.get("task_token", "")),
            status=str(end.get("status", "")),
            reasons=tuple(reasons),
            rows=int(end.get("rows", 0)),
            job=str(document.get("job", "")),
        )


class TransformChanged(NamedTuple):
    """A batch transform job of this stack changed its status; Describe says to what.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    """

    job: str
    ended: bool  # as the event has it

    @property
    def model(self) -> str:
        """The model that the job is of; cut short where the job's name had no room for all of it."""
        return model_in_name(self.job).rsplit("-", 2)[0]

    @staticmethod
    @message(event("aws.sagemaker", "SageMaker Transform Job State Change"))
    def parse(document: dict[str, Any]) -> "TransformChanged":
        """From the EventBridge event."""
        detail = document["detail"]
        return TransformChanged(str(detail["TransformJobName"]), detail["TransformJobStatus"] in JOB_ENDED)
