"""What EventBridge refuses of PutRule, PutTargets, PutEvents and TestEventPattern before it does anything. Pure.

Bounds of the API's model are checked before (``front/bounds``); these are the rules that no model tells.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from localcloud.bus.patterns import InvalidPattern, Pattern, compiled
from localcloud.bus.schedules import BadSchedule, parse

LONGEST_PATTERN = 2048  # the quota of an account; the model's 4096 is what it can be raised to
MOST_TARGETS = 5
MOST_ENTRIES_BYTES = 1 << 20
# The fields without which an event is none; AWS's page names ``resources`` too, and takes an event without.
MANDATORY = ("id", "account", "source", "time", "region", "detail-type")
RESERVED_VARIABLES = {
    f"aws.events.{name}" for name in ("rule-arn", "rule-name", "event.ingestion-time", "event", "event.json")
}
_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:.+")
_RESOURCES = {  # service of a target's ARN -> what follows service, region and account
    "events": r"event-bus/.+",
    "lambda": r"function:[^:]+(:[^:]+)?",
    "logs": r"log-group:.+",
    "sagemaker": r"pipeline/[^/]+",
    "sns": r"[^:/]+",
    "sqs": r"[^:/]+",
    "states": r"stateMachine:.+",
}
WITH_ROLE = ("events", "sagemaker", "states")
# Parameters of a target that only some services take; SqsParameters pass with any.
OWN_PARAMETERS = {
    "AppSyncParameters": ("appsync",),
    "BatchParameters": ("batch",),
    "EcsParameters": ("ecs",),
    "HttpParameters": ("events", "execute-api"),
    "KinesisParameters": ("kinesis",),
    "RedshiftDataParameters": ("redshift", "redshift-serverless"),
    "RunCommandParameters": ("ssm",),
    "SageMakerPipelineParameters": ("sagemaker",),
}


class Refusal(Exception):
    """AWS refuses the request with this error."""

    def __init__(self, message: str, code: str = "ValidationException") -> None:
        super().__init__(message)
        self.code, self.message = code, message


def check_rule(asked: Mapping[str, Any]) -> None:
    """Hold PutRule's parameters against what AWS takes.

    Raises:
        Refusal: AWS refuses the rule.
    """
    source, schedule = asked.get("EventPattern"), asked.get("ScheduleExpression")
    if not source and not schedule:
        raise Refusal("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if schedule:
        try:
            parse(schedule)
        except BadSchedule:
            raise Refusal("Parameter ScheduleExpression is not valid.") from None
    if source:
        if len(source) > LONGEST_PATTERN:
            raise Refusal(f"Parameter EventPattern for rule {asked['Name']} exceeds limit of {LONGEST_PATTERN}.")
        pattern(source)


def pattern(source: str) -> Pattern:
    """The pattern of a request.

    Raises:
        Refusal: AWS refuses it.
    """
    try:
        return compiled(source)
    except InvalidPattern as error:
        raise Refusal(f"Event pattern is not valid. Reason: {error}", "InvalidEventPatternException") from None


def tested_event(source: str) -> dict[str, Any]:
    """The event that TestEventPattern is given.

    Raises:
        Refusal: it is no event.
    """
    try:
        event = _document(source)
    except ValueError:
        event = None
    if not isinstance(event, dict) or any(name not in event for name in MANDATORY):
        raise Refusal("Parameter Event is not valid.")
    return event


# --- targets


def check_targets(targets: Sequence[Mapping[str, Any]], there: Iterable[str], region: str) -> None:
    """Hold PutTargets' targets against what AWS takes; ``there`` are the ids that the rule has.

    Raises:
        Refusal: AWS refuses one, and with it all.
        NotImplementedError: a target is of a service that nothing is delivered to here.
    """
    ids = [target["Id"] for target in targets]
    for name in ids:
        if ids.count(name) > 1:
            reason = f"More than one target with Id '{name}' is provided."
            raise Refusal(f"Parameter targets is not valid. Reason: {reason}")
    for target in targets:
        _check_place(target)
        _check_input(target)
        _check_dead_letters(target, region)
    if len({*ids, *there}) > MOST_TARGETS:
        raise Refusal("The requested resource exceeds the maximum number allowed.", "LimitExceededException")


def _check_place(target: Mapping[str, Any]) -> None:
    name, arn = target["Id"], target["Arn"]
    wrong = f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
    if not _ARN.fullmatch(arn):
        raise Refusal(wrong)
    _, _, service, _, _, resource = arn.split(":", 5)
    for parameters, services in OWN_PARAMETERS.items():
        if target.get(parameters) is not None and service not in services:
            raise Refusal(f"Parameter(s) {parameters} not supported for target: {name}.")
    if service not in _RESOURCES or resource.startswith("api-destination/"):
        raise NotImplementedError(f"Nothing is delivered to {arn} here")
    if not re.fullmatch(_RESOURCES[service], resource):
        raise Refusal(wrong)
    if service in WITH_ROLE and not target.get("RoleArn"):
        raise Refusal(f"RoleArn is required for target {arn}.")


def _check_input(target: Mapping[str, Any]) -> None:
    name = target["Id"]
    if sum(target.get(kind) is not None for kind in ("Input", "InputPath", "InputTransformer")) > 1:
        raise Refusal(f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}.")
    if (text := target.get("Input")) is not None:
        try:
            _document(text)
        except ValueError:
            raise Refusal(f"JSON syntax error in input for target {name}") from None
    transformer = target.get("InputTransformer") or {}
    paths = transformer.get("InputPathsMap") or {}
    for path in (target.get("InputPath"), *paths.values()):
        if path is not None and (not path.startswith("$") or re.search(r"\[\s*['\"]", path)):
            raise Refusal(f"InputPath for target {name} is invalid.")
    _check_template(name, transformer.get("InputTemplate", ""), paths)


def _check_template(name: str, template: str, paths: Mapping[str, str]) -> None:
    for placeholder in _PLACEHOLDER.findall(template):
        if placeholder not in paths and placeholder not in RESERVED_VARIABLES:
            raise Refusal(f"InputTemplate for target {name} contains invalid placeholder {placeholder}.")
        if placeholder == "aws.events.event.json" and not template.strip().startswith("{"):
            only = "valid only for JSON template"
            raise Refusal(f"InputTemplate for target {name} contains placeholder {placeholder} {only}.")


def _check_dead_letters(target: Mapping[str, Any], region: str) -> None:
    """Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html."""
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn is None:
        return
    if not _ARN.fullmatch(arn):
        raise Refusal(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    service, place = arn.split(":")[2:4]
    if service != "sqs":
        raise Refusal(f"{service} is not supported as a dead letter resource")
    if arn.endswith(".fifo"):
        raise Refusal("SQS FIFO is not supported by Dead Letter Queues")
    if place != region:
        raise Refusal(f"Dead letter queue {arn} of target {target['Id']} is not in the rule's region {region}.")


# --- events


def check_entries(entries: Sequence[Mapping[str, Any]]) -> None:
    """Hold a request of PutEvents as a whole against what AWS takes.

    Raises:
        Refusal: AWS takes no entry of it.
    """
    if sum(map(entry_bytes, entries)) > MOST_ENTRIES_BYTES:
        raise Refusal("Total size of the entries in the request is over the limit.")
    for entry in entries:
        if entry.get("Time") is not None and not _is_time(entry["Time"]):
            raise Refusal(f"{entry['Time']} can not be converted to milliseconds since epoch", "SerializationException")


def _is_time(value: Any) -> bool:
    try:
        datetime.fromtimestamp(float(value), UTC)
    except (OverflowError, OSError):
        return False
    except ValueError:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)?", value))
    return True


def entry_bytes(entry: Mapping[str, Any]) -> int:
    """An entry's size as EventBridge counts it.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
    """
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())]
    return 14 * bool(entry.get("Time")) + sum(len(text.encode()) for text in texts if text)


def entry_error(entry: Mapping[str, Any]) -> dict[str, str] | None:
    """What AWS answers in the place of an entry that it does not take; None where it takes it."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    if entry["Source"].startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = _document(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _document(text: str) -> Any:
    """A JSON document; Python's own NaN is none.

    Raises:
        ValueError: it is not JSON, or nested deeper than can be read.
    """
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
