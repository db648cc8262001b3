"""A split by time: the newest rows are held out, those before them validate, the rest is learnt from.

Knows moments (dates and times as seconds, other columns as they stand) and fractions; must not know files. Rows of one
moment are on one side, and so are those of one group, which stands where its newest row does: what is learnt from is
never newer than what is held out.
"""

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from features.derived import day, parsed_in
from job.refusals import Refused
from numpy.typing import NDArray

from data.splitting import splits

Moments = NDArray[np.float64]


def moment(text: str, date_format: str = "") -> float:
    """Read a date or time as seconds since 1970 (UTC where it names no zone), or a number; NaN for neither. A date is
    an ISO one, or one in a ``date_format`` as ``strptime`` takes it.
    """
    if date_format:
        parsed = parsed_in(text, date_format)
        return float(calendar.timegm(parsed)) if parsed else math.nan
    if day(text) is None:
        try:
            number = float(text.replace("_", "?"))
        except ValueError:
            return math.nan
        return number if math.isfinite(number) else math.nan
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = datetime.fromisoformat(text[:10])
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def with_groups(moments: Moments, groups: NDArray[np.uint64]) -> Moments:
    """Move every row to the newest moment of its group."""
    _, group = np.unique(groups, return_inverse=True)
    newest = np.full(int(group.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(newest, group, moments)
    return newest[group]


@dataclass(frozen=True)
class Cut:
    """Where the sides part; each begins with its moment, inclusive."""

    validation_from: float
    test_from: float

    def shares(self, moments: Moments) -> NDArray[np.int8]:
        """Assign rows to train (0), validation (1) or test (2)."""
        edges = np.array([self.validation_from, self.test_from])
        return np.searchsorted(edges, moments, side="right").astype(np.int8)


def cut(moments: Moments, split: Mapping[str, Any]) -> Cut:
    """Find the cut whose sides are nearest to the fractions of ``split``.

    Raises:
        Refused: when there are too few different moments for it.
    """
    distinct, rows = np.unique(moments, return_counts=True)
    sides = len(splits.SHARES) - (not split["validation"])
    if len(distinct) < sides:
        grouped = ", each group standing where its newest row does" if split.get("grouped") else ""
        raise Refused(
            f"split.by: {split['by']!r} has {len(distinct)} different values{grouped}, which is too few to part older "
            "rows from newer ones; split by another column, or remove split.by from the model file"
        )
    before = np.concatenate([[0], np.cumsum(rows)[:-1]]) / rows.sum()  # share of rows before each moment
    test = _nearest(before, split["train"] + split["validation"], sides - 1, len(distinct) - 1)
    start = _nearest(before, split["train"], 1, test - 1) if sides == len(splits.SHARES) else test
    return Cut(float(distinct[start]), float(distinct[test]))


def _nearest(before: NDArray[np.float64], fraction: float, first: int, last: int) -> int:
    return first + int(np.argmin(np.abs(before[first : last + 1] - fraction)))


def periods(moments: Moments, count: int) -> NDArray[np.int64]:
    """Number the period of each row, ``(rows,)``, from 0: ``count`` of about as many rows, the oldest first.

    Rows of one moment are in one, so that few moments make fewer of them, and their numbers have no gaps.
    """
    distinct, rows = np.unique(moments, return_counts=True)
    middles = (np.cumsum(rows) - rows / 2) / rows.sum()
    of_moment = np.minimum((middles * count).astype(int), count - 1)
    numbered: NDArray[np.int64] = np.unique(of_moment, return_inverse=True)[1]
    return numbered[np.searchsorted(distinct, moments)]


def text(moment: float, *, dates: bool) -> str:
    """Write a moment for people."""
    if not dates:
        return f"{moment:.12g}"
    written = datetime.fromtimestamp(moment, UTC).isoformat()
    return written.removesuffix("+00:00").removesuffix("T00:00:00")
