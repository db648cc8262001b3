"""``python -m benchmarks.watching.false_alarms``: how often windows without drift begin a run, and how many with drift
are told, by the app's own code on drawn counts. Seeded: the same each time.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from app.decide.watching.breaches import Expected
from app.decide.watching.drift import Rows, drift_window
from app.decide.watching.policy import decide
from app.decide.watching.policy_file import Policy
from app.decide.watching.windows import WatchedWindow

SEED, COLUMNS, LEARNT = 7, 20, 20_000  # half of the columns are tenths of numbers, half have a rare level
RARE, TENTHS = (0.95, 0.05), (0.1,) * 10
BEGAN = datetime(2026, 5, 1, tzinfo=UTC)
AREA, SPREAD = 0.85, 0.4  # of ROC-AUC, and of one row's part in it: 0.02 of a window of 400 rows
DRIFT = Policy.parse({"on_drift": {"windows": "2 of 5"}})
QUALITY = Policy.parse({"on_quality": {"metric": "roc_auc", "worse_by": 0.03, "windows": "2 of 5"}})


class Shift(NamedTuple):
    """What one column of the rows became."""

    name: str
    column: int
    shares: Sequence[float]


SHIFTS = (
    Shift("a level of 5 % is 10 %", 0, (0.90, 0.10)),
    Shift("a level of 5 % is 15 %", 0, (0.85, 0.15)),
    Shift("a level of 5 % is 20 %", 0, (0.80, 0.20)),
    Shift("one tenth is a fifth", 1, (0.2, *(0.8 / 9,) * 9)),
    Shift("half of two tenths is in one", 1, (0.05, 0.15, *(0.1,) * 8)),
    Shift("mean moved by half a deviation", 1, (0.037, 0.053, 0.063, 0.073, 0.083, 0.094, 0.107, 0.124, 0.151, 0.215)),
    Shift("mean moved by one deviation", 1, (0.011, 0.022, 0.031, 0.041, 0.052, 0.067, 0.087, 0.117, 0.172, 0.40)),
)


def shares_of(column: int) -> Sequence[float]:
    """What the columns are by turns."""
    return TENTHS if column % 2 else RARE


def drawn(random: np.random.Generator, rows: int, shift: Shift | None = None) -> dict[str, list[int]]:
    """Counts per bin of each column, the first of which is missing; of levels the last is unknown."""
    counts = {}
    for column in range(COLUMNS):
        shares = shift.shares if shift and shift.column == column else shares_of(column)
        normed = np.array(shares) / sum(shares)
        counts[f"c{column}"] = [0, *random.multinomial(rows, normed).tolist(), *([] if column % 2 else [0])]
    return counts


def baseline(random: np.random.Generator, learnt: int = LEARNT) -> dict[str, Any]:
    """The profile of what a version learnt from."""
    columns: dict[str, Any] = {}
    for name, counts in drawn(random, learnt).items():
        if len(counts) > len(RARE) + 2:
            columns[name] = {"kind": "number", "missing": 0, "counts": counts[1:]}
        else:
            columns[name] = {"kind": "category", "missing": 0, "levels": {"a": counts[1], "b": counts[2]}, "other": 0}
    return {"version": 1, "columns": columns}


def measured(random: np.random.Generator, rows: int, worse: float = 0.0) -> Callable[[int], WatchedWindow]:
    """Windows of a version's quality, with their intervals."""

    def window(number: int) -> WatchedWindow:
        error = SPREAD / rows**0.5
        value, at = float(random.normal(AREA - worse, error)), (BEGAN + timedelta(hours=number)).isoformat()
        low, high = value - 1.96 * error, value + 1.96 * error
        return WatchedWindow("m", "quality", "labels", f"w{number}", at, at, rows, "roc_auc", value, low, high, 1)

    return window


def drift_windows(
    random: np.random.Generator, rows: int, shift: Shift | None = None, learnt: int = LEARNT
) -> Callable[[int], WatchedWindow]:
    """Windows of what a version is asked."""
    known = baseline(random, learnt)

    def window(number: int) -> WatchedWindow:
        at = (BEGAN + timedelta(hours=number)).isoformat()
        found = drift_window("m", "scored", f"w{number}", Rows(at, at, drawn(random, rows, shift)), known, {})
        if found is None:
            raise RuntimeError("the simulation has no baseline")
        return found

    return window


def begun(policy: Policy, window: Callable[[int], WatchedWindow], times: int) -> int:
    """How many of so many windows begin a run, each with the four before it."""
    expected, seen, count = Expected(1, {"roc_auc": AREA}), list[WatchedWindow](), 0
    for number in range(times):
        seen = [*seen[-4:], window(number)]
        if decide(policy, None, seen, (), BEGAN + timedelta(days=60), expected).starts:
            count, seen = count + 1, []  # the run has answered them
    return count


def table(times: int) -> list[str]:
    """The table in Markdown: shares of windows that are told, and of those that begin a run."""
    lines = ["| windows | rows | told | begin a run (2 of 5) |", "|---|---:|---:|---:|"]
    for rows in (500, 2_000, 10_000):
        for shift in (None, *SHIFTS):
            window = drift_windows(np.random.default_rng(SEED), rows, shift)
            told = sum(bool(window(number).details["drifted"]) for number in range(times))
            runs = begun(DRIFT, drift_windows(np.random.default_rng(SEED + 1), rows, shift), times)
            name = shift.name if shift else "no drift"
            lines.append(f"| {name} | {rows:,} | {told / times:.1%} | {runs / times:.1%} |")
    for rows in (200, 1_000, 5_000):
        for worse in (0.0, 0.03, 0.06, 0.10):
            runs = begun(QUALITY, measured(np.random.default_rng(SEED), rows, worse), times)
            lines.append(f"| quality worse by {worse:.2f}, of a limit of 0.03 | {rows:,} | | {runs / times:.1%} |")
    return lines


if __name__ == "__main__":
    sys.stdout.write("\n".join(table(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)) + "\n")
