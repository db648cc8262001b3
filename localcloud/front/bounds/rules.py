"""What services refuse beyond the bounds that their models state, each in its own code. Pure.

moto takes such requests, and then does not heed what they say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from localcloud.front.malformed.texts import Fault

Asked = Mapping[str, Any]
Rule = Callable[[Asked], Fault | None]
INVALID = "InvalidParameter"
# Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
# Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
LARGEST_STANDARD, LARGEST_ADVANCED = 4096, 8192  # bytes
# Source: https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
OF_TOPICS = frozenset(
    [
        "ContentBasedDeduplication",
        "DeliveryPolicy",
        "DisplayName",
        "FifoThroughputScope",
        "FifoTopic",
        "KmsMasterKeyId",
        "Policy",
        "SignatureVersion",
        "TracingConfig",
    ]
)
_UNPLAYED_OF_TOPICS = re.compile(
    r"(HTTP|Firehose|Lambda|Application|SQS)((Success|Failure)FeedbackRoleArn|SuccessFeedbackSampleRate)|ArchivePolicy"
)
# Source: https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html
OF_SUBSCRIPTIONS = frozenset(
    [
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    ]
)
SCOPES = ("MessageAttributes", "MessageBody")
DEAD_LETTERS = "deadLetterTargetArn"


def find_fault(service: str, operation: str, asked: Asked) -> Fault | None:
    """What moto's ``service`` answers to a request that breaks one of its own rules."""
    rule = RULES.get((service, operation))
    return rule(asked) if rule else None


def has_rule(service: str, operation: str) -> bool:
    """Whether a request has to be known."""
    return (service, operation) in RULES


def _unplayed(said: str) -> Fault:
    return Fault("NotImplemented", f"{said} does not run outside AWS", HTTPStatus.NOT_IMPLEMENTED)


# --- SSM


def _parameter(asked: Asked) -> Fault | None:
    """Of a parameter's value: its pattern and its size.

    Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html and
    https://github.com/hashicorp/terraform-provider-aws/issues/18521 (SSM's own words)
    """
    value, is_standard = str(asked.get("Value", "")), asked.get("Tier", "Standard") == "Standard"
    kind, most = ("Standard", LARGEST_STANDARD) if is_standard else ("Advanced", LARGEST_ADVANCED)
    if len(value.encode()) > most:
        said = f"{kind} tier parameters support a maximum parameter value of {most} characters."
        return Fault("ValidationException", f"{said} To create a larger parameter value, use the advanced tier.")
    pattern = asked.get("AllowedPattern")
    return _mismatch(value, str(pattern)) if pattern else None


def _mismatch(value: str, pattern: str) -> Fault | None:
    """A pattern is found anywhere: the example of SSM's page anchors its own."""
    try:
        found = re.search(pattern, value)
    except re.error:
        if r"\p{" in pattern:
            return _unplayed(f"AllowedPattern {pattern}")
        return Fault("InvalidAllowedPatternException", f"The regular expression {pattern} is not valid.")
    said = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
    return None if found else Fault("ParameterPatternMismatchException", said)


# --- CloudWatch Logs


def _retention(asked: Asked) -> Fault | None:
    days = asked.get("retentionInDays")
    if days in RETENTIONS or not isinstance(days, int):
        return None
    rule = f"Member must satisfy enum value set: [{', '.join(map(str, RETENTIONS))}]"
    said = f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: {rule}"
    return Fault("InvalidParameterException", said)


# --- Step Functions


def _logging(asked: Asked) -> Fault | None:
    """Of a machine that is to log.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html and
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
    """
    wanted = asked.get("loggingConfiguration")
    if not isinstance(wanted, Mapping) or wanted.get("level", "OFF") == "OFF" or wanted.get("destinations"):
        return None
    said = "Invalid Logging Configuration: Must specify exactly one Log Destination."
    return Fault("InvalidLoggingConfiguration", said)


# --- SNS


def _topic_attribute(asked: Asked) -> Fault | None:
    name = str(asked.get("AttributeName", ""))
    if _UNPLAYED_OF_TOPICS.fullmatch(name):
        return _unplayed(name)
    return None if name in OF_TOPICS else Fault(INVALID, "Invalid parameter: AttributeName")


def _topic(asked: Asked) -> Fault | None:
    for name in _attributes(asked):
        if _UNPLAYED_OF_TOPICS.fullmatch(name):
            return _unplayed(name)
        if name not in OF_TOPICS:
            return Fault(INVALID, f"Invalid parameter: Attributes Reason: Unknown attribute {name}")
    return None


def _subscription_attribute(asked: Asked) -> Fault | None:
    name = str(asked.get("AttributeName", ""))
    if name not in OF_SUBSCRIPTIONS:
        return Fault(INVALID, "Invalid parameter: AttributeName")
    said = _wrong(name, str(asked.get("AttributeValue") or ""))
    return Fault(INVALID, f"Invalid parameter: {said}") if said else None


def _subscription(asked: Asked) -> Fault | None:
    for name, value in _attributes(asked).items():
        said = _wrong(name, str(value or "")) if name in OF_SUBSCRIPTIONS else f"Unknown attribute {name}"
        if said:
            return Fault(INVALID, f"Invalid parameter: Attributes Reason: {said}")
    return None


def _attributes(asked: Asked) -> Mapping[str, Any]:
    found = asked.get("Attributes")
    return found if isinstance(found, Mapping) else {}


def _wrong(name: str, value: str) -> str | None:
    """What is wrong with a subscription's attribute, in SNS's own words.

    Source: https://github.com/cloudposse/terraform-aws-sns-topic/issues/48 and
    https://github.com/aws/aws-cdk/pull/23108
    """
    if name == "FilterPolicyScope" and value not in SCOPES:
        return f"FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
    if name != "RedrivePolicy" or not value:
        return None
    try:
        policy = json.loads(value)
    except (ValueError, RecursionError):
        return "RedrivePolicy: failed to parse JSON."
    if not isinstance(policy, dict):
        return "RedrivePolicy: failed to parse JSON."
    unknown = next((one for one in policy if one != DEAD_LETTERS), None)
    return f"RedrivePolicy: invalid JSON. Attribute {unknown} is unknown." if unknown is not None else None


RULES: Mapping[tuple[str, str], Rule] = {
    ("logs", "PutRetentionPolicy"): _retention,
    ("sns", "CreateTopic"): _topic,
    ("sns", "SetSubscriptionAttributes"): _subscription_attribute,
    ("sns", "SetTopicAttributes"): _topic_attribute,
    ("sns", "Subscribe"): _subscription,
    ("ssm", "PutParameter"): _parameter,
    ("stepfunctions", "CreateStateMachine"): _logging,
    ("stepfunctions", "UpdateStateMachine"): _logging,
}
