"""All of evaluation.json: metrics and gate, the champion, slices, drift, curves, importances, lineage.

The verdict is every limit's: those on all test rows, those against the champion, and those on slices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from artifact import layout
from data import lineage
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from features.features import features_from
from job import world
from numpy.typing import NDArray

from evaluation import comparison, curves, doubts, drift, findings, importances, intervals, known_rows, slices, verdicts
from evaluation.classes.quality import of_labels
from evaluation.fairness import columns, groups, limits
from evaluation.over_time import learnt_anew, periods
from evaluation.rows import Rows

SEED = 7


@dataclass(frozen=True)
class Evidence:
    """What an evaluation has at hand."""

    config: Mapping[str, Any]  # the model file
    features: Mapping[str, Any]  # features.json
    test: HeldOut
    challenger: Rows
    model: Any  # as its inference.py loaded it
    champion: Path  # folder that champion.py wrote
    profile: Mapping[str, Any]  # of this run's data
    used: Mapping[str, Any] = field(default_factory=dict)  # hyperparameters of the run, in the model file's place


def evaluation(evidence: Evidence, gate: Sequence[verdicts.Limit]) -> dict[str, Any]:
    """Assess the challenger; ``gate`` holds the limits on all test rows, with the run's own values."""
    task, features = evidence.config["task"], features_from(evidence.features)
    champion, predictions, which = _champion(evidence)
    resampling, pair = _resampled(task, evidence.challenger, predictions, which)
    differences = comparison.differences(pair) if predictions else []
    champion = comparison.with_unjudged(champion, comparison.rules_from(evidence.config["gate"]), differences)
    whole = predictions if which.all() else None
    table = slices.table(task, slices_of(evidence), evidence.challenger, whole)
    document = findings.evaluation(evidence.challenger, features, gate, resampling)
    compared = columns.compared(evidence.config, evidence.test, evidence.challenger)
    lines, reasons = _other_limits(evidence, champion, differences, table, compared)
    against = [*document["verdict"]["reasons"], *reasons]
    return document | {
        "gate": [*document["gate"], *lines],
        "verdict": verdicts.Verdict(tuple(against)).document(),
        "champion": comparison.document(champion, differences, pair),
        "slices": table,
        **groups.documents(compared),
        **_over_time(evidence),
        "drift": drift.against(champion.profile, evidence.test, evidence.config),
        "answer": evidence.features["answer"],
        **_means(evidence.challenger),
        "curves": _curves(evidence),
        "lineage": lineage.of_job(lineage.described(), evidence.profile),
        **_of_profile(evidence),
        **_settings(evidence),
        **_doubts(evidence, document["metrics"], compared),
        **importances.of_model(evidence.model, features, evidence.test, evidence.challenger, SEED),
    }


def _over_time(evidence: Evidence) -> dict[str, Any]:
    """Measure in periods of the test rows: this run's model, and where the model file asks, one that learns anew."""
    model, answer = evidence.model, features_from(evidence.features).answer
    used = evidence.config["algorithms"][0]["hyperparameters"] | dict(evidence.used)
    aged = learnt_anew.Aged(evidence.challenger, getattr(model, "predictor", None), answer, used)
    rolling = learnt_anew.documents(evidence.config, evidence.test, aged, SEED)
    return rolling or periods.documents(evidence.config, evidence.test, evidence.challenger, SEED)


def _means(rows: Rows) -> dict[str, Any]:
    """Set the mean that is predicted beside the mean that is true; of classes, of the label that is said."""
    rows = rows if rows.score.ndim == 1 else of_labels(rows)
    means = {"predicted": float(rows.score.mean()), "actual": float(rows.actual.mean())}
    return {"means": means} if np.isfinite(means["predicted"]) else {}


def _curves(evidence: Evidence) -> dict[str, Any]:
    """Draw the curves; where the data are sensitive, none that has rows one by one."""
    drawn = curves.of_task(evidence.config["task"], evidence.challenger)
    if evidence.config["data"].get("sensitive"):
        drawn.pop("scatter", None)
    return drawn


def _of_profile(evidence: Evidence) -> dict[str, Any]:
    """Say which rows do not count, and where time cut: where the data are sensitive, only by which column."""
    known = {name: evidence.profile[name] for name in ("not_counted", "cut") if name in evidence.profile}
    if evidence.config["data"].get("sensitive") and "cut" in known:
        known["cut"] = {"by": known["cut"]["by"]}
    return known


def _other_limits(
    evidence: Evidence, champion: comparison.Champion, differences: Sequence[comparison.Difference],
    table: Sequence[Mapping[str, Any]], compared: Sequence[groups.Compared],
) -> tuple[list[dict[str, Any]], list[str]]:  # fmt: skip
    """Hold the challenger against the champion, and its slices and groups against their limits: the gate's lines, and
    reasons.
    """
    gate = evidence.config["gate"]
    rows = len(evidence.challenger) if champion.compared is None else champion.compared
    lines, reasons = [], []
    of_groups = limits.judge(limits.limits_from(evidence.config.get("fairness", {})), compared)
    of_champion = comparison.judge(comparison.rules_from(gate), champion, differences, rows)
    for line, reason in (*of_champion, *of_groups):
        lines.append(line)
        reasons += [reason] if reason else []
    for line, of_slices in slices.judge(slices.rules_from(gate), table):
        lines.append(line)
        reasons += of_slices
    return lines, reasons


def _doubts(
    evidence: Evidence, measured: Mapping[str, float | None], compared: Sequence[groups.Compared]
) -> dict[str, Any]:
    data, algorithm = evidence.config["data"], evidence.config["algorithms"][0]
    rules = {name: ColumnRule.parse(given, frozenset(data["missing"])) for name, given in data["columns"].items()}
    used = algorithm["hyperparameters"] | dict(evidence.used)
    features = features_from(evidence.features)
    listed = doubts.of_model(measured, evidence.challenger, features, evidence.test, rules, used, evidence.profile)
    listed += limits.doubts(compared)
    return {"doubts": listed} if listed else {}


def _settings(evidence: Evidence) -> dict[str, Any]:
    """Say what the model file has for people: title, owner, registration, algorithm, and what a run set instead."""
    algorithm = evidence.config["algorithms"][0]
    return {
        "title": evidence.config.get("title") or evidence.config["name"],
        "owner": evidence.config.get("owner", ""),
        "registration": evidence.config.get("registration", {}),
        "algorithm": algorithm["name"],
        "hyperparameters": algorithm["hyperparameters"] | dict(evidence.used),
        "model_file_hyperparameters": algorithm["hyperparameters"],
    }


def _resampled(
    task: str, challenger: Rows, champion: Rows | None, which: NDArray[np.bool_]
) -> tuple[intervals.Resampling, intervals.Resampling]:
    """Resample the challenger on all rows, and both models on those that are compared."""
    if champion is None or which.all():
        both = intervals.resample(task, [challenger, *([champion] if champion else [])], SEED)
        return both, both
    pair = [challenger.at(which), champion.at(which)]
    return intervals.resample(task, [challenger], SEED), intervals.resample(task, pair, SEED)


def _champion(evidence: Evidence) -> tuple[comparison.Champion, Rows | None, NDArray[np.bool_]]:
    """Read the champion, its predictions where they can be compared, and on which rows."""
    sensitive = evidence.config["data"].get("sensitive", False)
    champion, rows = comparison.read(evidence.champion, sensitive=sensitive), len(evidence.challenger)
    everything = np.ones(rows, bool)
    if champion.status != "scored":
        return champion, None, everything
    answer = evidence.features["answer"]
    why = comparison.means_otherwise(champion, answer, evidence.features["target"])
    if len(champion.lines) != rows:
        why = f"it answered {len(champion.lines)} of {rows} held-out rows"
    if why:
        return champion.incomparable(why), None, everything
    fresh = known_rows.unlearnt(
        rows, evidence.test.identities(), champion.profile or {}, evidence.profile, champion.learnt
    )
    count = int(fresh.which.sum())
    if count < min(slices.SMALL, rows):
        only = f"; only {count} are unknown to it" if count else ""
        return champion.incomparable(f"{fresh.reason}{only}"), None, everything
    if not fresh.which.all():
        warning = f"compared on the {count:,} rows that are unknown to it: {fresh.reason}"
        champion = replace(champion, warning=warning, compared=count)
    return champion, comparison.rows_by(champion, evidence.challenger.actual, answer), fresh.which


def slices_of(evidence: Evidence) -> list[slices.Slice]:
    """Cut the test rows by the columns that the model file names."""
    return slices.of_model(evidence.config, evidence.test)


def profile_in(folder: Path) -> dict[str, Any]:
    """Read profile.json of preprocessing's output; empty where there is none."""
    path = folder / layout.PROFILE
    return world.read_json(path, "profile") if path.is_file() else {}
