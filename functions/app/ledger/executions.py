"""Executions of the machine that have begun and whose end is not written, under ``OPEN_EXECUTIONS``: what the
reconciler looks at.

An entry is there before its execution can be, and goes last of all, so that a crash anywhere leaves it to be found.
"""

from datetime import datetime
from typing import Any

from app.decide.names.times import from_iso, iso
from app.decide.records import OpenExecution
from app.ledger.table import Item, Table, Write

OPEN_EXECUTIONS = "OPEN_EXECUTIONS"


def open_entry(execution_arn: str, task: dict[str, Any], at: datetime) -> Write:
    """The entry of an execution that is about to start."""
    return Write(OPEN_EXECUTIONS, _name(execution_arn), set={"arn": execution_arn, "task": task, "at": iso(at)})


class Executions(Table):
    """The open executions."""

    def open_execution(self, execution_arn: str, task: dict[str, Any], at: datetime) -> None:
        """Record an execution that is about to start."""
        self.write(open_entry(execution_arn, task, at))

    def open_executions(self) -> list[OpenExecution]:
        """All that are open."""
        items = self.query(OPEN_EXECUTIONS, "!", "~")
        return [_execution(item) for item in items]

    def rest_execution(self, execution_arn: str, until: datetime) -> None:
        """Note that nothing is to be looked at about an execution until then, if it is open."""
        entry = {"rests_until": iso(until)}
        self.write(Write(OPEN_EXECUTIONS, _name(execution_arn), set=entry, condition="attribute_exists(pk)"))

    def wake_execution(self, execution_arn: str) -> None:
        """Have an execution looked at again in each pass. Idempotent."""
        rests = "attribute_exists(#rests_until)"
        self.write(Write(OPEN_EXECUTIONS, _name(execution_arn), remove=("rests_until",), condition=rests))

    def is_open(self, execution_arn: str) -> bool:
        """Whether the execution's end is still to be written, or what it held to be released."""
        return self.get(OPEN_EXECUTIONS, _name(execution_arn)) is not None

    def close_execution(self, execution_arn: str) -> None:
        """Remove the entry: the execution's end is written, and what it held is released."""
        self.delete(OPEN_EXECUTIONS, _name(execution_arn))


def _execution(item: Item) -> OpenExecution:
    rests = from_iso(item["rests_until"]) if "rests_until" in item else None
    return OpenExecution(item["arn"], item["task"], from_iso(item["at"]), rests)


def _name(execution_arn: str) -> str:
    return execution_arn.rsplit(":", 1)[-1]
