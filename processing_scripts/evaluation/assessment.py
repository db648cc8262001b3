"""All of evaluation.json: metrics and gate, the champion, slices, drift, curves, importances, lineage.

The verdict is every limit's: those on all test rows, those against the champion, and those on slices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from artifact import layout
from data import drift, lineage
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from features.features import features_from
from job import world

from evaluation import comparison, curves, findings, importances, intervals, slices, verdicts
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
    champion, predictions = _champion(evidence, task)
    models = [evidence.challenger, *([predictions] if predictions else [])]
    resampling = intervals.resample(task, models, SEED)
    differences = comparison.differences(resampling) if predictions else []
    table = slices.table(task, slices_of(evidence), evidence.challenger, predictions)
    document = findings.evaluation(evidence.challenger, features, gate, resampling)
    lines, reasons = _other_limits(evidence, champion, differences, table)
    against = [*document["verdict"]["reasons"], *reasons]
    return document | {
        "gate": [*document["gate"], *lines],
        "verdict": verdicts.Verdict(tuple(against)).document(),
        "champion": comparison.document(champion, differences, resampling),
        "slices": table,
        "drift": drift.against(champion.profile, evidence.test, evidence.config),
        "curves": curves.of_task(task, evidence.challenger),
        "lineage": lineage.of_job(lineage.described(), evidence.profile),
        **_settings(evidence),
        **importances.of_model(evidence.model, features, evidence.test, evidence.challenger, SEED),
    }


def _other_limits(
    evidence: Evidence, champion: comparison.Champion, differences: Sequence[comparison.Difference],
    table: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[str]]:  # fmt: skip
    """Hold the challenger against the champion and its slices against their limits: the gate's lines, and reasons."""
    gate, rows = evidence.config["gate"], len(evidence.challenger)
    lines, reasons = [], []
    for line, reason in comparison.judge(comparison.rules_from(gate), champion, differences, rows):
        lines.append(line)
        reasons += [reason] if reason else []
    for line, of_slices in slices.judge(slices.rules_from(gate), table):
        lines.append(line)
        reasons += of_slices
    return lines, reasons


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


def _champion(evidence: Evidence, task: str) -> tuple[comparison.Champion, Rows | None]:
    champion = comparison.read(evidence.champion, sensitive=evidence.config["data"].get("sensitive", False))
    if champion.status != "scored":
        return champion, None
    if len(champion.lines) != len(evidence.challenger):
        why = f"it answered {len(champion.lines)} of {len(evidence.challenger)} held-out rows"
        return comparison.Champion("incomparable", champion.version, why, profile=champion.profile), None
    before = (champion.profile or {}).get("split")
    if before and before != evidence.profile.get("split", before):
        why = "it was trained with another split, so it may know some of these held-out rows"
        champion = replace(champion, warning=why)
    positive = evidence.features["answer"]["positive_label"] if task == "binary_classification" else None
    return champion, comparison.rows_of(champion, evidence.challenger.actual, positive)


def slices_of(evidence: Evidence) -> list[slices.Slice]:
    """Cut the test rows by the columns that the model file names, each with its own marks for what is missing.

    Where the data are sensitive, slices go by numbers: their names are what rows say.
    """
    data = evidence.config["data"]
    named = not data.get("sensitive", False)
    rules = {name: ColumnRule.parse(given, frozenset(data["missing"])) for name, given in data["columns"].items()}
    columns = [(column, rules[column], evidence.test.column(column)) for column in evidence.config.get("slices", [])]
    return [
        part
        for column, rule, texts in columns
        for part in slices.cut(column, rule.kind, texts, rule.missing, named=named)
    ]


def profile_in(folder: Path) -> dict[str, Any]:
    """Read profile.json of preprocessing's output; empty where there is none."""
    path = folder / layout.PROFILE
    return world.read_json(path, "profile") if path.is_file() else {}
