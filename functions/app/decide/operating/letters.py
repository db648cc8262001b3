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


class Letter(NamedTuple):
    """A message of a dead letter queue."""

    queue: str  # its name
    id: str
    body: str
    receipt: str
    why: str = ""  # as Lambda, SNS or EventBridge says it


class Route(NamedTuple):
    """Where a letter goes."""

    what: str  # it is, in words
    to: tuple[str, ...]  # functions by their names in the template, or outputs that name queues; empty: it stays
    event: dict[str, Any] | None = None  # what a function takes; None: the letter's body


def route(letter: Letter) -> Route:
    """What a letter is, and who could not take it."""
    try:
        document = json.loads(letter.body)
    except ValueError:
        document = None
    what, to = _of(document) if isinstance(document, dict) else ("", ())
    if not to:
        return Route(what or f"a message of no known kind: {letter.body[:100]}", ())
    event = {"Records": [{"EventSource": "aws:sns", "Sns": document}]} if _is_notification(document) else None
    return Route(what, to, event)


def subject(what: str, to: Sequence[str], why: str) -> str:
    """What a letter is, where it goes, and why it is there."""
    return f"{shown(what)} -> {' and '.join(to)}" + (f" (was: {shown(why)})" if why else "")


def _is_notification(document: dict[str, Any]) -> bool:
    """Whether a letter is what SNS could not deliver. Lambda's own letters have it in the function's event."""
    return document.get("Type") == "Notification"


def _of(document: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What a message is, in words, and who takes it: nobody takes a mail, which is told of and stays."""
    kind, detail = str(document.get("detail-type", "")), document.get("detail") or {}
    key = detail.get("object", {}).get("key", "") if isinstance(detail, dict) else ""
    if key and not key.startswith("scoring/"):
        return f"upload {key}", ("ArrivalsQueueUrl",)
    if _is_notification(document):
        if "-DecisionTopic-" in str(document.get("TopicArn")):
            return "a message of the decision topic", (DECIDES,)
        return f"a mail that was not delivered: {document.get('Subject')}", ()
    if "token" in document and "pipelineExecutionArn" in document:
        return "a pipeline's question to its champion", ("ChampionQueueUrl",)
    if any("-NotificationTopic-" in str(one.get("Sns", {}).get("TopicArn")) for one in document.get("Records", [])):
        return "a notice for the chat", ("PostToChatFunction",)
    if any("Sns" in record for record in document.get("Records", [])):
        return "a message of the decision topic", (DECIDES,)
    if "mirror" in document:
        return f"run {document['mirror'].get('run')} for MLflow", ("PostToMlflowFunction",)
    if "grace_s" in document:
        return "a reconciliation", ("ReconcileRunsFunction",)
    return (f"{kind} of {_subject(detail)}", REACTING[kind]) if kind in REACTING else ("", ())


def _subject(detail: dict[str, Any]) -> str:
    names = ("pipelineExecutionDisplayName", "ModelPackageArn", "EndpointName", "TransformJobName", "name", "object")
    found = next((detail[name] for name in names if detail.get(name)), "somebody")
    return str(found["key"] if isinstance(found, dict) else found)


def why_there(attributes: Mapping[str, Any]) -> str:
    """Why a letter is there: as Lambda and SNS, or as EventBridge says it.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    said = (attributes.get(name, {}).get("StringValue", "") for name in ("ErrorMessage", "ERROR_MESSAGE"))
    return next(filter(None, said), "")
