"""What an update without an expression changes, and what AWS says of an expression that is none.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html ("edits an existing item's
attributes, or adds a new item": UpdateExpression is optional) and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

from typing import Any

from localcloud.front import moto_patches

_CONDITIONS = "moto.dynamodb.comparisons:ConditionExpressionParser.parse"


def install() -> None:
    """Take updates that change nothing but that there is an item, and refuse expressions that nobody can read."""

    def update(self: Any) -> Any:
        if "UpdateExpression" not in self.body:
            self.body["AttributeUpdates"] = self.body.get("AttributeUpdates") or {}
        return updated(self)

    def parse(self: Any) -> Any:
        from moto.dynamodb.exceptions import MockValidationException

        try:
            return parsed(self)
        except (ValueError, LookupError, AttributeError, AssertionError) as error:
            said = str(self.condition_expression)
            raise MockValidationException(f'Invalid expression: Syntax error; near: "{said[:100]}"') from error

    def list_exports(self: Any) -> Any:
        self.body.setdefault("TableArn", None)
        return listed(self)

    def exports(self: Any, table_arn: str | None) -> list[Any]:
        return exported(self, table_arn) if table_arn is not None else list(self.table_exports.values())

    exported = moto_patches.replace("moto.dynamodb.models:DynamoDBBackend.list_exports", exports)
    listed = moto_patches.replace("moto.dynamodb.responses:DynamoHandler.list_exports", list_exports)
    updated = moto_patches.replace("moto.dynamodb.responses:DynamoHandler.update_item", update)
    parsed = moto_patches.replace(_CONDITIONS, parse)
