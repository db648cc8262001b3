"""Dead letters: what each is, and who could not take it and gets it again. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown

DECIDES = "ReceiveDecisionFunction"  # takes decisions: who has a link to the console has none of these to send
REACTING = {  # detail-type of an event -> the functions that hear it
    "SageMaker Model Building Pipeline Execution Status Change": ("ReactToPipelineFunction",),
    "SageMaker Model Package State Change": ("ReactToApprovalFunction",),
    "SageMaker Endpoint State Change": ("ReactToEndpointFunction",),
    "SageMaker Transform Job State Change": ("ReactToTransformFunction",),
    "Step Functions Execution Status Change": ("FinishRunFunction", "ReactToEndpointFunction"),
    "Object Created": ("BeginScoringFunction",),
}
SCHEDULED = {"Scheduled Event": ("BeginRunFunction",)}  # of a schedule without an input; of no rule of ours
REQUEST = {"model", "request", "parameters", "version", "no_cache", "by", "trigger"}  # members of a request for a run
CONTEXT = {  # of EventBridge Scheduler: attribute of a message -> what stands for it in an input
    "SCHEDULED_TIME": "<aws.scheduler.scheduled-time>",
    "EXECUTION_ID": "<aws.scheduler.execution-id>",
    "SCHEDULE_ARN": "<aws.scheduler.schedule-arn>",
}


class Letter(NamedTuple):
    """A message of a dead letter queue."""

    queue: str  # its name
    id: str
    body: str
    receipt: str
    why: str = ""  # as Lambda, SNS or EventBridge says it
    context: Mapping[str, str] = {}  # of what a schedule began: what its context attributes stand for


class Route(NamedTuple):
    """Where a letter goes."""

    what: str  # it is, in words
    to: tuple[str, ...]  # functions by their names in the template, or outputs that name queues; empty: it stays
    event: dict[str, Any] | None = None  # what a function takes; None: the letter's body


def route(letter: Letter) -> Route:
    """What a letter is, and who could not take it."""
    document = _document(letter)
    what, to = _of(document)
    if not to:
        return Route(what or f"a message of no known kind: {letter.body[:100]}", ())
    if _is_notification(document):
        return Route(what, to, {"Records": [{"EventSource": "aws:sns", "Sns": document}]})
    if unsaid := [one for one in CONTEXT.values() if one == document.get("request")]:
        return Route(f"{what}, that does not say which: {unsaid[0]}", ())
    return Route(what, to, document if letter.context else None)


def received(queue: str, message: Mapping[str, Any]) -> Letter:
    """A message of the dead letter queue of that name, as SQS gives it with all its attributes."""
    attributes = message.get("MessageAttributes", {})
    said = {name: attributes.get(name, {}).get("StringValue", "") for name in CONTEXT}
    context = {CONTEXT[name]: value for name, value in said.items() if value}
    why = why_there(attributes)
    return Letter(queue, message["MessageId"], message["Body"], message["ReceiptHandle"], why, context)


def _document(letter: Letter) -> dict[str, Any]:
    """What a letter says; nothing of one that is no JSON object. What a schedule's input leaves to EventBridge
    Scheduler, as the time that was due, is put in: whatever the letter's body has of it, all attempts are one request.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html and
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    """
    body = letter.body
    for placeholder, value in letter.context.items():
        body = body.replace(placeholder, value)
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def subject(what: str, to: Sequence[str], why: str) -> str:
    """What a letter is, where it goes, and why it is there."""
    return f"{shown(what)} -> {' and '.join(to)}" + (f" (was: {shown(why)})" if why else "")


def _is_notification(document: dict[str, Any]) -> bool:
    """Whether a letter is what SNS could not deliver. Lambda's own letters have it in the function's event."""
    return document.get("Type") == "Notification"


def _of(document: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What a message is, in words, and who takes it: nobody takes a mail, which is told of and stays."""
    kind, detail = str(document.get("detail-type", "")), _mapping(document.get("detail"))
    key = str(_mapping(detail.get("object")).get("key", ""))
    if key and not key.startswith("scoring/"):
        return f"upload {key}", ("ArrivalsQueueUrl",)
    if _is_notification(document):
        if "-DecisionTopic-" in str(document.get("TopicArn")):
            return "a message of the decision topic", (DECIDES,)
        return f"a mail that was not delivered: {document.get('Subject')}", ()
    if "token" in document and "pipelineExecutionArn" in document:
        return "a pipeline's question to its champion", ("ChampionQueueUrl",)
    if topics := _topics(document):
        if any("-NotificationTopic-" in topic for topic in topics):
            return "a notice for chat and digest", ("PostToChatFunction", "PostToDigestFunction")
        return "a message of the decision topic", (DECIDES,)
    if invocation := _invocation(document):
        return invocation
    hears = REACTING.get(kind) or SCHEDULED.get(kind)
    return (f"{kind} of {_subject(document, detail)}", hears) if hears else ("", ())


def _invocation(document: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """What a function was invoked with by another, in words, and which function; None of anything else."""
    if "mirror" in document:
        return f"run {_mapping(document['mirror']).get('run')} for MLflow", ("PostToMlflowFunction",)
    if document.get("digest") == "due":
        return "a mail with all news", ("PostToDigestFunction",)
    if "grace_s" in document:
        return "a reconciliation", ("ReconcileRunsFunction",)
    if isinstance(document.get("model"), str) and document.keys() <= REQUEST:
        by = f", by its {document['trigger']}" if document.get("trigger") else ""
        return f"a request for a run of {document['model']}{by}", ("BeginRunFunction",)
    return None


def _topics(document: dict[str, Any]) -> list[str]:
    """The topics of the notifications that SNS handed to a function; "" of one that names none."""
    records = document.get("Records")
    found = [_mapping(one) for one in records] if isinstance(records, list) else []
    return [str(_mapping(one["Sns"]).get("TopicArn", "")) for one in found if "Sns" in one]


def _subject(document: dict[str, Any], detail: dict[str, Any]) -> str:
    """Whom an event is of, as far as it says so: a schedule's own event names the schedule alone."""
    names = ("pipelineExecutionDisplayName", "ModelPackageArn", "EndpointName", "TransformJobName", "name")
    found = next((detail[name] for name in names if detail.get(name)), _mapping(detail.get("object")).get("key"))
    resources = document.get("resources")
    if not found and isinstance(resources, list) and resources:
        return str(resources[0]).rpartition("/")[2]
    return str(found or "somebody")


def _mapping(value: object) -> dict[str, Any]:
    """A member that is an object; nothing in place of any other."""
    return value if isinstance(value, dict) else {}


def why_there(attributes: Mapping[str, Any]) -> str:
    """Why a letter is there: as Lambda and SNS, or as EventBridge says it.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    said = (attributes.get(name, {}).get("StringValue", "") for name in ("ErrorMessage", "ERROR_MESSAGE"))
    return next(filter(None, said), "")
