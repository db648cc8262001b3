"""Champion against challenger on the same test rows: differences, their intervals, and what the gate makes of them."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from artifact import layout
from data.splitting.sides import Learnt, learnt_from

from evaluation import metrics
from evaluation.intervals import LEVEL, Resampling, Z
from evaluation.rows import Floats, Rows

REASON = {False: "reason", True: "reason_untold"}
LIKELY = 1.067571  # deviations that one of seven draws exceeds; more than four of five that are centred on two do


@dataclass(frozen=True)
class Champion:
    """The champion as champion.py scored it. ``lines`` are its predictions as text/csv, one per test row."""

    status: str  # none | scored | incomparable
    version: int | None = None
    reason: str = ""
    warning: str = ""
    lines: tuple[tuple[str, ...], ...] = ()
    profile: Mapping[str, Any] | None = None
    learnt: Learnt | None = None  # which rows it learnt from
    answer: Mapping[str, Any] | None = None  # its answer settings and its target; None of an earlier release
    compared: int | None = None  # on so many test rows, where not on all of them

    def incomparable(self, reason: str) -> "Champion":
        """Say why its predictions decide nothing."""
        return replace(self, status="incomparable", reason=reason, lines=())


def read(folder: Path, *, sensitive: bool = False) -> Champion:
    """Read champion.py's output; a folder without it means that no champion was scored.

    Where the data are ``sensitive``, a reason that quotes them is not the one that is taken.
    """
    path = folder / "champion.json"
    if not path.is_file():
        return Champion("none")
    document = json.loads(path.read_text("utf-8"))
    lines: tuple[tuple[str, ...], ...] = ()
    if document["status"] == "scored":
        with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
            lines = tuple(tuple(line) for line in csv.reader(file) if line)
    profile, learnt = (_read_json(folder / name) for name in (layout.PROFILE, layout.LEARNT))
    return Champion(
        document["status"], document.get("version"), document.get(REASON[sensitive], ""), "", lines, profile,
        learnt_from(learnt) if learnt else None, document.get("answer"),
    )  # fmt: skip


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def means_otherwise(champion: Champion, answer: Mapping[str, Any], target: str) -> str:
    """Say why the champion's predictions do not mean what today's do; "" where they do, or nobody knows.

    Two labels that have changed places are one meaning: ``rows_of`` turns its probabilities round.
    """
    its = champion.answer
    if its is None:
        return ""
    if its["target"] != target:
        return f"it predicts {its['target']!r}, and this model {target!r}"
    if its["task"] != answer["task"]:
        return f"its task is {its['task']}, and this model's {answer['task']}"
    theirs, ours = (sorted(labels_of(document)) for document in (its, answer))
    if theirs != ours:
        return f"its labels are {' and '.join(map(repr, theirs))}, and this model's {' and '.join(map(repr, ours))}"
    return ""


def labels_of(answer: Mapping[str, Any]) -> list[str]:
    """List the labels of answer settings, the positive one first; a number has none."""
    return list(answer.get("classes", ())) or [
        answer[key] for key in ("positive_label", "negative_label") if key in answer
    ]


def rows_of(champion: Champion, actual: Floats, positive: str | None) -> Rows:
    """Set the champion's predictions beside the actual targets; ``positive`` is the positive label, None of numbers."""
    score = np.array([float(line[0]) for line in champion.lines])
    predicted = score if positive is None else np.array([float(line[1] == positive) for line in champion.lines])
    if positive is not None and (champion.answer or {}).get("negative_label") == positive:
        score = 1 - score
    return Rows(actual, predicted, score)


def rows_by(champion: Champion, actual: Floats, answer: Mapping[str, Any]) -> Rows:
    """Set the champion's predictions beside the actual targets, by today's answer settings."""
    if "classes" in answer:
        return rows_of_classes(champion, actual, answer["classes"])
    return rows_of(champion, actual, answer.get("positive_label"))


def rows_of_classes(champion: Champion, actual: Floats, classes: Sequence[str]) -> Rows:
    """Set the champion's predictions beside the actual targets; its classes are today's, maybe in another order."""
    own = labels_of(champion.answer or {}) or list(classes)
    predicted = np.array([float(classes.index(line[-1])) for line in champion.lines])
    if any(len(line) != len(own) + 1 for line in champion.lines):
        return Rows(actual, predicted, np.full((len(predicted), len(classes)), math.nan))
    score = np.array([[float(field) for field in line[:-1]] for line in champion.lines])
    return Rows(actual, predicted, score[:, [own.index(name) for name in classes]])


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
        """Subtract the champion from the challenger."""
        return self.challenger - self.champion

    @property
    def loss(self) -> float:
        """Compute by how much the challenger is worse; below 0 it is better."""
        return metrics.named(self.metric).loss(self.challenger, self.champion)

    @property
    def worst(self) -> float:
        """Compute the loss at the interval's worse end."""
        return self.high if metrics.named(self.metric).lower_is_better else -self.low

    @property
    def reach(self) -> float:
        """Compute how much worse than observed the challenger may be, to the interval's end; 0 where there is none."""
        width = self.worst - self.loss
        return max(width, 0.0) if math.isfinite(width) else 0.0

    @property
    def chance(self) -> float:
        """Compute what chance makes of the difference of two models that are equally good, one time in seven."""
        return self.reach * LIKELY / Z

    @property
    def better(self) -> str:
        """Name who is better beyond chance: champion, challenger or neither."""
        if not (self.low > 0 or self.high < 0):
            return "neither"
        return "challenger" if self.loss < 0 else "champion"

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        numbers = {
            "champion": self.champion, "challenger": self.challenger, "difference": self.value, "low": self.low,
            "high": self.high,
        }  # fmt: skip
        return {name: or_null(value) for name, value in numbers.items()} | {"better": self.better}


def or_null(value: float) -> float | None:
    """Replace NaN, which JSON does not have."""
    return value if math.isfinite(value) else None


def differences(resampling: Resampling) -> list[Difference]:
    """Compare the challenger, of which ``resampling`` has the metrics first, with the champion."""
    pairs = zip(resampling.names, *resampling.values.tolist(), strict=True)
    return [
        Difference(name, champion, challenger, *resampling.difference(name)) for name, challenger, champion in pairs
    ]


def document(champion: Champion, compared: Sequence[Difference], resampling: Resampling) -> dict[str, Any]:
    """Word what evaluation.json says about the champion."""
    known: dict[str, Any] = {"status": champion.status, "version": champion.version}
    known |= {name: text for name, text in (("reason", champion.reason), ("warning", champion.warning)) if text}
    known |= {"compared_rows": champion.compared} if champion.compared is not None else {}
    if compared:
        known["metrics"] = {difference.metric: or_null(difference.champion) for difference in compared}
        known["differences"] = {difference.metric: difference.document() for difference in compared}
        known["interval"] = resampling.document()
    return known


# The gate


@dataclass(frozen=True)
class NotWorse:
    """The challenger may be worse than the champion by ``tolerance`` (in the metric's unit) at most, inclusive.

    Where it has to be ``likely``, by as much less as chance exceeds the tolerance: with a tolerance of 0, for which
    chance alone would let every other equal through, it has to be better by what chance makes one time in seven. Where
    it has to be ``sure``, what chance leaves of the difference may not be more than the tolerance, either; or, where
    rows are few, it is better by as much as chance makes so seldom: four of five that are by two deviations pass.
    """

    metric: str
    tolerance: float
    sure: bool = False
    likely: bool = False

    def broken_by(self, difference: Difference, version: int | None, rows: int) -> str | None:
        """Say why the challenger does not pass, or None."""
        if difference.loss <= self.tolerance + 1e-12:
            return self._unsure(difference, version, rows) if self.sure else self._unlikely(difference, version, rows)
        side = metrics.named(self.metric).worse_side
        return (
            f"{self.metric} {difference.challenger:.4g} is {abs(difference.value):.4g} {side} the "
            f"{difference.champion:.4g} of the champion, version {version}, on the same {rows} test rows; "
            f"the tolerance is {self.tolerance:g} ({LEVEL:.0%} interval of the difference {difference.low:+.4g} to "
            f"{difference.high:+.4g})"
        )

    def _unsure(self, difference: Difference, version: int | None, rows: int) -> str | None:
        """Say that chance leaves room for more than the tolerance, or None; NaN leaves any."""
        allowed = self.allowed(difference)
        if math.isfinite(difference.worst) and difference.loss <= allowed + 1e-12:
            return None
        return (
            f"{self.metric} may be worse than that of the champion, version {version}, by more than "
            f"{self.tolerance:g}: on the same {rows} test rows the {LEVEL:.0%} interval of the difference is "
            f"{difference.low:+.4g} to {difference.high:+.4g}, so that it had to {_needed(allowed)}"
        )

    def allowed(self, difference: Difference) -> float:
        """Compute by how much the challenger may be seen to be worse; below 0 it has to be better."""
        if self.sure:
            return max(self.tolerance - difference.reach, -difference.chance)
        return self.tolerance - max(difference.chance - self.tolerance, 0.0) if self.likely else self.tolerance

    def _unlikely(self, difference: Difference, version: int | None, rows: int) -> str | None:
        """Say that chance would explain what is observed of a worse one, or None."""
        allowed = self.allowed(difference)
        if difference.loss <= allowed + 1e-12:
            return None
        return (
            f"{self.metric} {difference.challenger:.4g} against the {difference.champion:.4g} of the champion, version "
            f"{version}, may be chance: on the same {rows} test rows two equals differ by {difference.chance:.4g} one "
            f"time in seven, more than the tolerance of {self.tolerance:g}, so that it had to {_needed(allowed)}"
        )


def _needed(allowed: float) -> str:
    return f"be better by at least {-allowed:.4g}" if allowed < 0 else f"be worse by {allowed:.4g} at most"


def rules_from(gate: Sequence[Mapping[str, Any]]) -> list[NotWorse]:
    """Read those limits of a model file's gate that compare with the champion."""
    key = "not_worse_than_champion"
    return [
        NotWorse(
            limit["metric"],
            float(limit[key].get("tolerance", 0.0)),
            sure=limit[key].get("sure", False),
            likely="sure" not in limit[key],
        )
        for limit in gate
        if key in limit
    ]


def with_unjudged(champion: Champion, rules: Iterable[NotWorse], differences: Sequence[Difference]) -> Champion:
    """Warn of what the gate compares by and the champion does not have."""
    unknown = {difference.metric for difference in differences if math.isnan(difference.champion)}
    named = [metrics.label(name) for name in dict.fromkeys(rule.metric for rule in rules) if name in unknown]
    if not named:
        return champion
    lacking = f"it has no {' and no '.join(named)}, so that the gate does not compare by that"
    return replace(champion, warning="; ".join(filter(None, (champion.warning, lacking))))


def judge(
    rules: Iterable[NotWorse], champion: Champion, differences: Sequence[Difference], rows: int
) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Judge each rule: its line in evaluation.json's gate, and why it is broken.

    Without a champion that can be scored, and in a metric that it does not have (of labels alone there is no log loss),
    there is nothing to be worse than: ``passed`` is null, and a person decides.
    """
    by_metric = {difference.metric: difference for difference in differences}
    for rule in rules:
        line: dict[str, Any] = {"metric": rule.metric, "not_worse_than_champion": rule.tolerance}
        line |= {"sure": True} if rule.sure else {}
        difference = by_metric.get(rule.metric)
        if difference is None or math.isnan(difference.champion):
            yield line | {"value": None, "passed": None}, None
            continue
        reason, allowed = rule.broken_by(difference, champion.version, rows), rule.allowed(difference)
        line |= {"allowed": allowed} if allowed != rule.tolerance else {}
        yield line | {"value": or_null(difference.value), "passed": reason is None}, reason
