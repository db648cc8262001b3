"""Changes that a command is about to make: each a frozen dataclass with a ``heading``; a plan is a sequence of them."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, ClassVar, Protocol


class Change(Protocol):
    """One change. ``heading`` says what is done, ``subject`` to what."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def heading(self) -> str:
        """What is done, with the kind of thing that it is done to."""

    @property
    def subject(self) -> str:
        """The name of what is changed."""


def as_data(plan: Sequence[Change]) -> list[dict[str, Any]]:
    """The plan for ``--json``: each change's own facts, and its type under ``change``.

    Contents, which are fields that a dataclass does not show (``repr=False``), are left out: their hashes are there.
    """
    return [{"change": type(change).__name__, **_facts(change)} for change in plan]


def _facts(change: Change) -> dict[str, Any]:
    return {one.name: getattr(change, one.name) for one in fields(change) if one.repr}


def render_text(plan: Sequence[Change]) -> str:
    """The plan for a person: a line for each heading, with all that follow one another under it."""
    groups = groupby(plan, lambda change: change.heading)
    return "\n".join(f"  {heading}: {', '.join(one.subject for one in group)}" for heading, group in groups)


def dry_run_text(plans: Mapping[str, Sequence[Change]], target: object) -> str:
    """What ``--dry-run`` prints: each plan under the name of what it is for, below a line that nothing was done."""
    planned = {name: render_text(plan) for name, plan in plans.items() if plan}
    if not planned:
        return f"nothing would be done at {target}: all stands already"
    parts = [f"{name}:\n{text}" for name, text in planned.items()]
    return "\n".join([f"this would be done at {target}; nothing was:", *parts])
