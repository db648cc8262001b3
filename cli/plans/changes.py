"""Changes that a command is about to make: each a frozen dataclass with a ``heading``; a plan is a sequence of them."""

from collections.abc import Sequence
from dataclasses import asdict
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
    """The plan for ``--json``: each change's own facts, and its type under ``change``."""
    return [{"change": type(change).__name__, **asdict(change)} for change in plan]


def render_text(plan: Sequence[Change]) -> str:
    """The plan for a person: a line for each heading, with all that follow one another under it."""
    groups = groupby(plan, lambda change: change.heading)
    return "\n".join(f"  {heading}: {', '.join(one.subject for one in group)}" for heading, group in groups)


def dry_run_text(plan: Sequence[Change], target: object) -> str:
    """What ``--dry-run`` prints: the plan, under a line that says that nothing was done."""
    if not plan:
        return f"nothing to do at {target}"
    return f"this would be done at {target}; nothing was:\n{render_text(plan)}"
