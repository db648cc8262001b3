"""What a subscription's filter policy lets through, by the rules of EventBridge's patterns, which are SNS's, too.

moto takes policies that it never fulfils (``equals-ignore-case`` of a capital, ``anything-but`` of a suffix),
refuses ``cidr`` and ``wildcard``, and keeps the subscription whose policy it refused.
Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html,
https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and
https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from moto.core.responses import ActionResult
from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse
from moto.sns.utils import FilterPolicyMatcher

from localcloud.bus.patterns import InvalidPattern, compiled
from localcloud.front import moto_patches

ATTRIBUTES, BODY = "MessageAttributes", "MessageBody"
POLICY, SCOPE = "FilterPolicy", "FilterPolicyScope"
# Source: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MOST_KEYS, MOST_COMBINATIONS, LARGEST_NUMBER, MOST_BYTES = 5, 150, 1_000_000_000, 256 * 1024


def find_fault(policy: str, scope: str) -> str:
    """What SNS says to a filter policy that it does not take; "" for one that it does. Pure."""
    if not policy:
        return ""  # takes the policy away
    if len(policy.encode()) > MOST_BYTES:
        return f"FilterPolicy: the policy is larger than {MOST_BYTES} bytes"
    try:
        found = json.loads(policy)
    except (ValueError, RecursionError):
        return "FilterPolicy: failed to parse JSON."
    if not isinstance(found, dict):
        return "FilterPolicy: failed to parse JSON."
    if not found:
        return ""
    return _of_shape(found, scope) or _of_pattern(policy) or _of_size(found)


def matches(policy: Mapping[str, Any], scope: str, attributes: Mapping[str, Any], message: str) -> bool:
    """Whether a message passes a policy. Pure.

    Args:
        policy: a valid one; an empty one lets all through.
        scope: whether the message's attributes or its body are looked at.
        attributes: by name ``{"Type": …, "Value": …}``. Those of the type Binary count as absent.
        message: its body; one that is no JSON object fulfils nothing.
    """
    if not policy:
        return True
    looked_at = _body(message) if scope == BODY else values_of(attributes)
    if looked_at is None or (scope == ATTRIBUTES and not looked_at):
        return False  # "An empty set of attributes results in the filter not matching", exists: false included
    return compiled(json.dumps(policy)).matches(looked_at)


def values_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A message's attributes as what a policy is held against: texts, numbers, and the elements of arrays. Pure."""
    found: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, value = str(attribute["Type"]), attribute["Value"]
        if kind == "String.Array":
            found[name] = _array(value)
        elif kind.split(".")[0] == "Number":
            found[name] = _number(str(value))
        elif kind.split(".")[0] == "String":
            found[name] = str(value)
    return found


def _array(written: Any) -> list[Any]:
    try:
        found = json.loads(written)
    except (ValueError, RecursionError, TypeError):
        return []
    return found if isinstance(found, list) else [found]


def _number(written: str) -> Decimal | str:
    try:
        return Decimal(written)
    except InvalidOperation:
        return written


def _body(message: str) -> dict[str, Any] | None:
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _of_shape(policy: Mapping[str, Any], scope: str) -> str:
    nested = any(isinstance(inner, dict) for inner in policy.values())
    if nested and scope == ATTRIBUTES:
        return "Filter policy scope MessageAttributes does not support nested filter policy"
    return "FilterPolicy: Filter policy can not have more than 5 keys" if len(policy) > MOST_KEYS else ""


def _of_pattern(policy: str) -> str:
    try:
        compiled(policy)
    except InvalidPattern as error:
        return f"FilterPolicy: {error}"
    return ""


def _of_size(policy: Mapping[str, Any]) -> str:
    if _combinations(policy, 1) > MOST_COMBINATIONS:
        return "FilterPolicy: Filter policy is too complex"
    if any(abs(number) > LARGEST_NUMBER for number in _numbers(policy)):
        return f"FilterPolicy: numbers are from -{LARGEST_NUMBER} to {LARGEST_NUMBER}"
    return ""


def _combinations(policy: Mapping[str, Any], depth: int) -> int:
    """The values of each array times its depth, multiplied; the alternatives of ``$or`` are one level down."""
    found = 1
    for values in policy.values():
        if isinstance(values, dict):
            found *= _combinations(values, depth + 1)
            continue
        found *= len(values) * depth
        if all(isinstance(one, dict) and all(isinstance(inner, list) for inner in one.values()) for one in values):
            for alternative in values:
                found *= _combinations(alternative, depth + 1)
    return found


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def install() -> None:
    """Let moto's subscriptions go by these rules, and leave none whose policy is refused."""
    _match()
    _check()
    _refuse_before_subscribing()


def _match() -> None:
    def passes(self: FilterPolicyMatcher, message_attributes: dict[str, Any] | None, message: str) -> bool:
        return matches(self.filter_policy, self.filter_policy_scope, message_attributes or {}, message)

    def validate(self: SNSBackend, value: Any, scope: str | None) -> None:
        """It was checked before."""

    moto_patches.replace("moto.sns.utils:FilterPolicyMatcher.matches", passes)
    moto_patches.replace("moto.sns.models:SNSBackend._validate_filter_policy", validate)


def _check() -> None:
    def set_subscription_attributes(self: SNSBackend, arn: str, name: str, value: Any) -> None:
        subscription = self.subscriptions.get(arn)
        had = subscription.attributes if subscription is not None else {}
        policy = str((value if name == POLICY else had.get(POLICY)) or "")
        scope = str((value if name == SCOPE else had.get(SCOPE)) or ATTRIBUTES)
        if name in (POLICY, SCOPE) and (fault := find_fault(policy, scope)):
            raise InvalidParameterValue(f"Invalid parameter: {fault}")
        original(self, arn, name, value)
        if name == SCOPE and policy:
            original(self, arn, POLICY, policy)  # moto's matcher keeps the scope that it was made with

    original = moto_patches.replace(
        "moto.sns.models:SNSBackend.set_subscription_attributes", set_subscription_attributes
    )


def _refuse_before_subscribing() -> None:
    def subscribe(self: SNSResponse) -> ActionResult:
        asked = self._get_attributes() or {}
        if fault := find_fault(str(asked.get(POLICY) or ""), str(asked.get(SCOPE) or ATTRIBUTES)):
            raise InvalidParameterValue(f"Invalid parameter: Attributes Reason: {fault}")
        answer: ActionResult = original(self)
        return answer

    original = moto_patches.replace("moto.sns.responses:SNSResponse.subscribe", subscribe)
