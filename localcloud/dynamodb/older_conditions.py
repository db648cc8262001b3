"""Conditions in DynamoDB's older form, said as the expressions that AWS gives for them. Pure.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html (each older
parameter, and the expression to use instead), and, under it, LegacyConditionalParameters.Conditions.html (operators)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# The older parameter -> the expression that says the same.
EXPRESSIONS = {
    "KeyConditions": "KeyConditionExpression",
    "QueryFilter": "FilterExpression",
    "ScanFilter": "FilterExpression",
    "Expected": "ConditionExpression",
}
_FORMS = {
    "EQ": "{name} = {0}",
    "NE": "{name} <> {0}",
    "LE": "{name} <= {0}",
    "LT": "{name} < {0}",
    "GE": "{name} >= {0}",
    "GT": "{name} > {0}",
    "NULL": "attribute_not_exists({name})",
    "NOT_NULL": "attribute_exists({name})",
    "CONTAINS": "contains({name}, {0})",
    "NOT_CONTAINS": "NOT contains({name}, {0})",
    "BEGINS_WITH": "begins_with({name}, {0})",
    "BETWEEN": "{name} BETWEEN {0} AND {1}",
}


def as_expressions(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A request with expressions in place of its older conditions, which are in order; any other as it is."""
    said = dict(asked)
    for older, newer in EXPRESSIONS.items():
        if conditions := said.pop(older, None):
            joined = " AND " if older == "KeyConditions" else f" {said.pop('ConditionalOperator', None) or 'AND'} "
            names = {f"#{older}{number}": name for number, name in enumerate(conditions)}
            values: dict[str, Any] = {}
            said[newer] = joined.join(
                _condition(placeholder, conditions[name], values) for placeholder, name in names.items()
            )
            said["ExpressionAttributeNames"] = (said.get("ExpressionAttributeNames") or {}) | names
            if known := (said.get("ExpressionAttributeValues") or {}) | values:
                said["ExpressionAttributeValues"] = known
    return said


def _condition(name: str, condition: Mapping[str, Any], values: dict[str, Any]) -> str:
    """One condition; ``values`` gets those that it names."""
    operator, given = condition.get("ComparisonOperator"), list(condition.get("AttributeValueList") or ())
    if "Value" in condition:
        given = [condition["Value"]]
    if operator is None:
        operator = "NULL" if condition.get("Exists") is False else "EQ"
    placeholders = list(_named(name, given, values))
    if operator == "IN":
        return f"{name} IN ({', '.join(placeholders)})"
    return _FORMS[operator].format(*placeholders, name=name)


def _named(name: str, given: list[Any], values: dict[str, Any]) -> Iterator[str]:
    for number, value in enumerate(given):
        placeholder = f":{name[1:]}_{number}"
        values[placeholder] = value
        yield placeholder
