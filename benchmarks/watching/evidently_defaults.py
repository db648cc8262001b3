"""``python -m benchmarks.watching.evidently_defaults``: the windows of false_alarms.py, held by what Evidently says are
its defaults, beside the app's own code. Ours, from its documentation; none of Evidently's code is here.

By reference data of more than 1,000 rows: of categories the Jensen-Shannon distance, of numbers the Wasserstein
distance in standard deviations of the reference, each from 0.1 on. Of 1,000 rows or fewer: of two categories the test
of proportions, of numbers Kolmogorov-Smirnov's, each below p = 0.05. A data set drifts with half of its columns.

Source: https://docs.evidentlyai.com/metrics/explainer_drift
"""

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.watching.false_alarms import LEARNT, SEED, SHIFTS, Shift, drawn, drift_windows

SMALL = 1_000  # rows of reference, up to which tests are taken, and no distances
DISTANCE, SURE, SHARE = 0.1, 0.05, 0.5
# The means of a standard normal distribution's tenths: what a number of each tenth is.
_EDGES = stats.norm.ppf(np.linspace(0, 1, 11))
TENTHS = 10 * (stats.norm.pdf(_EDGES[:-1]) - stats.norm.pdf(_EDGES[1:]))
Counts = NDArray[np.float64]


class Told(NamedTuple):
    """What is said of a window."""

    columns: int  # that drifted
    of: int

    @property
    def whole(self) -> bool:
        """Whether the data set drifted."""
        return self.columns / self.of >= SHARE


def held(learnt: dict[str, list[int]], window: dict[str, list[int]]) -> Told:
    """Hold a window's counts against those of the rows that were learnt from."""
    drifted = [drifts(learnt[name], window[name]) for name in learnt]
    return Told(sum(drifted), len(drifted))


def drifts(learnt: Sequence[int], window: Sequence[int]) -> bool:
    """Whether a column drifted: counts, of which the first is of missing values, by tenths or by levels."""
    before, after = np.array(learnt[1:], float), np.array(window[1:], float)
    is_small = before.sum() <= SMALL
    if len(before) == len(TENTHS):
        return smirnov(before, after) < SURE if is_small else wasserstein(before, after) >= DISTANCE
    return proportions(before, after) < SURE if is_small else jensen_shannon(before, after) >= DISTANCE


def jensen_shannon(before: Counts, after: Counts) -> float:
    """The distance: the root of the divergence, by natural logarithms."""
    first, second = before / before.sum(), after / after.sum()
    middle = (first + second) / 2
    divergence = (stats.entropy(first, middle) + stats.entropy(second, middle)) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def wasserstein(before: Counts, after: Counts) -> float:
    """The first Wasserstein distance, in standard deviations of the reference."""
    first, second = before / before.sum(), after / after.sum()
    mean = (first * TENTHS).sum()
    deviation = max(float(np.sqrt((first * (TENTHS - mean) ** 2).sum())), 0.001)
    apart = np.abs(np.cumsum(first - second))[:-1]
    return float((apart * np.diff(TENTHS)).sum() / deviation)


def smirnov(before: Counts, after: Counts) -> float:
    """The p value of Kolmogorov-Smirnov's test of two samples, by its limit."""
    rows, others = before.sum(), after.sum()
    apart = np.abs(np.cumsum(before) / rows - np.cumsum(after) / others).max()
    return float(stats.kstwo.sf(apart, max(round(rows * others / (rows + others)), 1)))


def proportions(before: Counts, after: Counts) -> float:
    """The p value of the two-sided test of two proportions."""
    rows, others = before.sum(), after.sum()
    share = (before[0] + after[0]) / (rows + others)
    error = np.sqrt(share * (1 - share) * (1 / rows + 1 / others))
    return float(2 * stats.norm.sf(abs(before[0] / rows - after[0] / others) / error)) if error else 1.0


def windows(rows: int, shift: Shift | None, learnt: int, times: int) -> Iterator[Told]:
    """What the defaults say of the very windows that the app's own code is shown."""
    random = np.random.default_rng(SEED)
    known = drawn(random, learnt)
    return (held(known, drawn(random, rows, shift)) for _ in range(times))


def table(times: int) -> list[str]:
    """The table in Markdown: shares of windows that are told."""
    lines = [
        "| windows | learnt from | rows | told here | Evidently: a column | Evidently: half of the columns |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for learnt, rows in ((LEARNT, 500), (LEARNT, 10_000), (SMALL, 500), (SMALL, 10_000)):
        for shift in (None, *SHIFTS):
            window = drift_windows(np.random.default_rng(SEED), rows, shift, learnt)
            ours = sum(bool(window(number).details["drifted"]) for number in range(times))
            theirs = list(windows(rows, shift, learnt, times))
            told, whole = sum(bool(one.columns) for one in theirs), sum(one.whole for one in theirs)
            shares = " | ".join(f"{count / times:.1%}" for count in (ours, told, whole))
            lines.append(f"| {shift.name if shift else 'no drift'} | {learnt:,} | {rows:,} | {shares} |")
    return lines


if __name__ == "__main__":
    sys.stdout.write("\n".join(table(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)) + "\n")
