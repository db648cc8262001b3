"""What the gate makes of groups: limits of gaps and ratios, and doubts about groups that are too small. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.fairness.groups import Compared, Spread

GAP, RATIO = "group_gap", "group_ratio"
NAMED = 3  # of the groups that are too small

Line = tuple[dict[str, Any], str | None]
"""A line of evaluation.json's gate, and why it is broken."""


@dataclass(frozen=True)
class Limit:
    """How far groups may be apart in a measure, inclusive: by a gap at most, or by a ratio at least."""

    measure: str
    kind: str  # GAP | RATIO
    bound: float

    def broken_by(self, column: str, spread: Spread, of_class: str = "") -> str | None:
        """Say why the groups of a column do not pass, or None."""
        if self.kind == GAP:
            kept, side, value = spread.gap <= self.bound + 1e-12, "above", f"{spread.gap:.4g} apart"
        else:
            kept, side, value = spread.ratio >= self.bound - 1e-12, "below", f"a ratio of {spread.ratio:.4g}"
        if kept:
            return None
        low, high = (
            f"'{name}' {rate.value:.4g} ({rate.rows} test rows)" for name, rate in (spread.lowest, spread.highest)
        )
        measure = f"{self.measure} of class {of_class!r}" if of_class else self.measure
        return f"{measure} by {column} is {value}, {side} {self.bound:g}: {low}, {high}"


def limits_from(fairness: Mapping[str, Any]) -> list[Limit]:
    """Read the limits of a model file's ``fairness``."""
    kinds = {"gap": GAP, "ratio": RATIO}
    return [
        Limit(measure, kinds[kind], float(bound))
        for measure, bounds in fairness.get("limits", {}).items()
        for kind, bound in bounds.items()
    ]


def judge(limits: Sequence[Limit], compared: Sequence[Compared]) -> Iterator[Line]:
    """Hold each column's groups against each limit.

    Where fewer than two groups have rows enough there is nothing to be apart: ``passed`` is null, a doubt says so, and
    a person decides.
    """
    for column in compared:
        measured = {measure.name for measure in column.measures}
        for limit in (limit for limit in limits if limit.measure in measured):
            line: dict[str, Any] = {"metric": limit.measure, "column": column.column, limit.kind: limit.bound}
            line |= {"class": column.of_class} if column.of_class else {}
            spread = column.spread(limit.measure)
            if spread is None:
                yield line | {"value": None, "passed": None}, None
                continue
            reason = limit.broken_by(column.column, spread, column.of_class)
            value = spread.gap if limit.kind == GAP else spread.ratio
            yield line | {"value": value, "passed": reason is None}, reason


def doubts(compared: Sequence[Compared]) -> Iterator[dict[str, str]]:
    """Doubt what small groups say of a column: as the doubts of a model are worded."""
    by_column: dict[tuple[str, int], list[str]] = {}
    for part in compared:
        of = f" (class {part.of_class!r})" if part.of_class else ""
        by_column.setdefault((part.column, part.least), []).extend(f"'{name}'{of}" for name in part.small())
    for (column, least), small in by_column.items():
        if small:
            named = ", ".join(small[:NAMED]) + (", …" if len(small) > NAMED else "")
            yield {
                "column": column,
                "expected": f"{least} test rows behind each rate of a group that fairness compares",
                "found": f"fewer of {named}: shown, and not judged in full",
            }
