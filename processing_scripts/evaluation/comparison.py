"""Champion against challenger on the same held-out rows: differences, their intervals, and what the gate makes of them.

The interval is a paired bootstrap's: rows are drawn with replacement, both models are measured on the same draw, and
the middle 95% of the differences is what is told. Of more than ``ROWS`` rows a seeded sample of so many is resampled,
and the interval is narrowed by the square root of the shares, so that a million rows cost no more than twenty thousand.

Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 16; Bickel, Götze and van Zwet
(1997), Resampling fewer than n observations, https://www3.stat.sinica.edu.tw/statistica/oldpdf/A7n11.pdf
"""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation import weighted_metrics
from evaluation.weighted_metrics import Floats, Rows

RESAMPLES = 500
ROWS = 20_000
LEVEL = 0.95


@dataclass(frozen=True)
class Champion:
    """What champion.py found out. ``lines`` are its answers as text/csv, one per held-out row."""

    status: str  # none | scored | incomparable
    version: int | None = None
    reason: str = ""
    warning: str = ""
    lines: tuple[tuple[str, ...], ...] = ()
    profile: Mapping[str, Any] | None = None


def read(folder: Path) -> Champion:
    """Read champion.py's output; a folder without it means that nobody asked a champion."""
    path = folder / "champion.json"
    if not path.is_file():
        return Champion("none")
    found = json.loads(path.read_text("utf-8"))
    lines: tuple[tuple[str, ...], ...] = ()
    if found["status"] == "scored":
        with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
            lines = tuple(tuple(line) for line in csv.reader(file) if line)
    profile = folder / "profile.json"
    return Champion(
        found["status"], found.get("version"), found.get("reason", ""), "", lines,
        json.loads(profile.read_text("utf-8")) if profile.is_file() else None,
    )  # fmt: skip


def rows_of(champion: Champion, truth: Floats, positive: str | None) -> Rows:
    """The champion's answers beside the truth. ``positive`` names the positive label; of regression it is None."""
    score = np.array([float(line[0]) for line in champion.lines])
    predicted = score if positive is None else np.array([float(line[1] == positive) for line in champion.lines])
    return Rows(truth, predicted, score)


@dataclass(frozen=True)
class Difference:
    """Challenger minus champion in one metric, with the interval that chance leaves; NaN where not defined."""

    metric: str
    champion: float
    challenger: float
    low: float
    high: float

    @property
    def value(self) -> float:
        """Challenger minus champion."""
        return self.challenger - self.champion

    @property
    def loss(self) -> float:
        """By how much the challenger is worse; below 0 it is better."""
        return self.value if self.metric in weighted_metrics.BETTER_LOW else -self.value

    @property
    def better(self) -> str:
        """Who is better beyond chance: champion, challenger or neither."""
        if not (self.low > 0 or self.high < 0):
            return "neither"
        return "challenger" if self.loss < 0 else "champion"

    def document(self) -> dict[str, Any]:
        """As JSON."""
        numbers = {
            "champion": self.champion, "challenger": self.challenger, "difference": self.value, "low": self.low,
            "high": self.high,
        }  # fmt: skip
        return {name: or_null(value) for name, value in numbers.items()} | {"better": self.better}


def or_null(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None


def differences(task: str, champion: Rows, challenger: Rows, seed: int) -> list[Difference]:
    """Measure both on all rows, and how far chance moves the differences. The same seed gives the same intervals."""
    old, new = weighted_metrics.plain(task, champion), weighted_metrics.plain(task, challenger)
    rng, some = np.random.default_rng(seed), np.arange(len(challenger))
    if len(some) > ROWS:
        some = np.sort(rng.choice(len(some), ROWS, replace=False))
    narrowed = math.sqrt(len(some) / len(challenger))
    names = weighted_metrics.NAMES[task]
    drawn, middle = _draws(task, champion.at(some), challenger.at(some), names, rng)
    found = []
    for at, name in enumerate(names):
        around = new[name] - old[name]
        defined = drawn[np.isfinite(drawn[:, at]), at]
        ends = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if len(defined) else np.full(2, math.nan)
        low, high = (around + narrowed * (end - middle[at]) for end in ends)
        found.append(Difference(name, old[name], new[name], float(low), float(high)))
    return found


def _draws(
    task: str, champion: Rows, challenger: Rows, names: Sequence[str], rng: np.random.Generator
) -> tuple[NDArray[np.float64], list[float]]:
    """Differences of ``RESAMPLES`` draws, ``(resamples, metrics)``, and those of the rows themselves."""
    old, new, rows = (
        weighted_metrics.measure(task, champion),
        weighted_metrics.measure(task, challenger),
        len(challenger),
    )

    def between(weights: Floats) -> list[float]:
        before, after = old(weights), new(weights)
        return [after[name] - before[name] for name in names]

    draws = (np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(float) for _ in range(RESAMPLES))
    return np.array([between(weights) for weights in draws]), between(np.ones(rows))


def document(champion: Champion, found: Sequence[Difference], rows: int, seed: int) -> dict[str, Any]:
    """What evaluation.json says about the champion."""
    said: dict[str, Any] = {"status": champion.status, "version": champion.version}
    said |= {name: text for name, text in (("reason", champion.reason), ("warning", champion.warning)) if text}
    if found:
        said["metrics"] = {one.metric: or_null(one.champion) for one in found}
        said["differences"] = {one.metric: one.document() for one in found}
        said["interval"] = {"level": LEVEL, "resamples": RESAMPLES, "rows": min(rows, ROWS), "of": rows, "seed": seed}
    return said


# The gate


@dataclass(frozen=True)
class NotWorse:
    """The challenger may be worse than the champion by ``tolerance`` (in the metric's unit) at most, inclusive."""

    metric: str
    tolerance: float

    def broken_by(self, found: Difference, version: int | None, rows: int) -> str | None:
        """Say why the challenger does not pass, or None."""
        if math.isnan(found.champion) or found.loss <= self.tolerance + 1e-12:
            return None
        side = "above" if self.metric in weighted_metrics.BETTER_LOW else "below"
        return (
            f"{self.metric} {found.challenger:.4g} is {abs(found.value):.4g} {side} the {found.champion:.4g} of the "
            f"champion, version {version}, on the same {rows} held-out rows; the tolerance is {self.tolerance:g} "
            f"({LEVEL:.0%} interval of the difference {found.low:+.4g} to {found.high:+.4g})"
        )


def rules_from(gate: Sequence[Mapping[str, Any]]) -> list[NotWorse]:
    """Those of a model file's gate that speak of the champion."""
    key = "not_worse_than_champion"
    return [NotWorse(one["metric"], float(one[key].get("tolerance", 0.0))) for one in gate if key in one]


def judge(
    rules: Iterable[NotWorse], champion: Champion, found: Sequence[Difference], rows: int
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Each rule as the gate's line in evaluation.json, and why it is broken.

    Without a champion that can be asked there is nothing to be worse than: ``passed`` is null, and a person decides.
    """
    by_metric = {one.metric: one for one in found}
    for rule in rules:
        line: dict[str, Any] = {"metric": rule.metric, "not_worse_than_champion": rule.tolerance}
        if rule.metric not in by_metric:
            yield line | {"value": None, "passed": None}, None
            continue
        reason = rule.broken_by(by_metric[rule.metric], champion.version, rows)
        yield line | {"value": or_null(by_metric[rule.metric].value), "passed": reason is None}, reason
