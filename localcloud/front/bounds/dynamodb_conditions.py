"""What DynamoDB refuses of conditions and changes in its older form, which has no expressions. Pure.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Condition.html (how many values each takes)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.front.malformed.texts import Fault

_VALUES = {
    **dict.fromkeys(("NULL", "NOT_NULL"), 0),
    **dict.fromkeys(("EQ", "NE", "LE", "LT", "GE", "GT", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"), 1),
    "BETWEEN": 2,
}
_OLDER = ("AttributesToGet", "AttributeUpdates", "Expected", "KeyConditions", "QueryFilter", "ScanFilter")
_NEWER = tuple(f"{name}Expression" for name in ("Condition", "Filter", "KeyCondition", "Projection", "Update"))
_CONDITIONS = ("KeyConditions", "QueryFilter", "ScanFilter")
_WRONG = "One or more parameter values were invalid:"


def find_fault(asked: Mapping[str, Any]) -> Fault | None:
    """The first thing that is wrong with what a request asks in the older form."""
    said = next((one for one in _problems(asked) if one), None)
    return Fault("ValidationException", said) if said else None


def _problems(asked: Mapping[str, Any]) -> Iterator[str | None]:
    yield _of_both_forms(asked)
    for member in _CONDITIONS:
        yield from (_of_condition(name, one) for name, one in (asked.get(member) or {}).items())
    if asked.get("QueryFilter") and not (asked.get("KeyConditions") or asked.get("KeyConditionExpression")):
        yield "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    yield from (_of_expectation(name, one) for name, one in (asked.get("Expected") or {}).items())
    yield from (_of_change(name, one) for name, one in (asked.get("AttributeUpdates") or {}).items())


def _of_both_forms(asked: Mapping[str, Any]) -> str | None:
    """Source: LegacyConditionalParameters.html, as above ("does not allow mixing ... in a single call")"""
    older, newer = ([one for one in names if asked.get(one)] for names in (_OLDER, _NEWER))
    if not older or not newer:
        return None
    said = f"Non-expression parameters: {{{', '.join(older)}}} Expression parameters: {{{', '.join(newer)}}}"
    return f"Can not use both expression and non-expression parameters in the same request: {said}"


def _of_condition(name: str, condition: Mapping[str, Any]) -> str | None:
    operator, values = condition.get("ComparisonOperator"), condition.get("AttributeValueList") or ()
    if operator is None:
        return f"{_WRONG} ComparisonOperator must be provided for Attribute: {name}"
    needed = _VALUES.get(str(operator))
    if len(values) == needed or (needed is None and values):
        return None
    return f"{_WRONG} Invalid number of argument(s) for the {operator} ComparisonOperator"


def _of_expectation(name: str, expected: Mapping[str, Any]) -> str | None:
    if "ComparisonOperator" in expected:
        one = {"AttributeValueList": [expected["Value"]]} if "Value" in expected else {}
        return _of_condition(name, {**expected, **one})
    exists, valued = expected.get("Exists"), "Value" in expected
    if exists is False and valued:
        return f"{_WRONG} Value cannot be used when Exists is false for Attribute: {name}"
    if exists is not False and not valued:
        said = "null" if exists is None else "true"
        return f"{_WRONG} Value must be provided when Exists is {said} for Attribute: {name}"
    return None


def _of_change(name: str, change: Mapping[str, Any]) -> str | None:
    del name
    if "Value" in change or change.get("Action") == "DELETE":
        return None
    return f"{_WRONG} Only DELETE action is allowed when no attribute value is specified"
