"""What DynamoDB compares: values of one type that has an order; all else is neither less nor more, nor between.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
(comparators and functions; ``size`` of an attribute that is there) and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Condition.html ("If an item contains an
AttributeValue element of a different type than the one provided in the request, the value does not match")
"""

from __future__ import annotations

from typing import Any

from localcloud.dynamodb.older_conditions import as_expressions
from localcloud.front import moto_patches

_COMPARISONS = "moto.dynamodb.comparisons:{}.expr"
_OF_TWO = ("OpLessThan", "OpLessThanOrEqual", "OpGreaterThan", "OpGreaterThanOrEqual")
_ORDERED = {"S", "N", "B"}


def install() -> None:
    """Compare what can be compared; read the older form of conditions as expressions."""

    def size(self: Any, item: Any) -> int | None:
        kind = self.attr.get_type(item)
        return None if kind in (None, "N", "BOOL", "NULL") else sized(self, item)

    for name in _OF_TWO:
        _compare_alike(name, ("lhs", "rhs"))
    _compare_alike("FuncBetween", ("attr", "start", "end"))
    sized = moto_patches.replace(_COMPARISONS.format("FuncSize"), size)
    for operation in ("query", "scan", "put_item", "delete_item", "update_item"):
        _say_as_expressions(operation)


def _compare_alike(name: str, operands: tuple[str, ...]) -> None:
    """Compare only where all operands are of one type that has an order."""

    def expr(self: Any, item: Any) -> bool:
        kinds = {_kind(getattr(self, one), item) for one in operands}
        return len(kinds) == 1 and kinds <= _ORDERED and bool(compared(self, item))

    compared = moto_patches.replace(_COMPARISONS.format(name), expr)


def _kind(operand: Any, item: Any) -> str | None:
    typed = getattr(operand, "get_type", None)
    if typed is None:  # a size
        return None if operand.expr(item) is None else "N"
    kind: str | None = typed(item)
    return kind


def _say_as_expressions(operation: str) -> None:
    """Read the older form of conditions as expressions: moto compares what they name without looking at its type."""

    def answered(self: Any) -> Any:
        self.body = as_expressions(self.body)
        return original(self)

    original = moto_patches.replace(f"moto.dynamodb.responses:DynamoHandler.{operation}", answered)
