"""All that evaluation.json says beyond metrics and limits: the champion, slices, drift, shapes, importances, lineage.

``extend`` adds to what evaluation found and has the last word on the verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data import drift, lineage
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from features.features import features_from
from job import world

from evaluation import comparison, curves, importances, slices
from evaluation.weighted_metrics import Rows

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


def extend(found: dict[str, Any], evidence: Evidence) -> None:
    """Add to ``found`` (evaluation.json so far), and to its verdict what champion and slices have against the model."""
    task, gate = found["task"], evidence.config["gate"]
    champion, other = _champion(evidence, task)
    rows, seed = len(evidence.challenger), int(evidence.config.get("seed", SEED))
    differences = comparison.differences(task, other, evidence.challenger, seed) if other else []
    table = slices.table(task, slices_of(evidence), evidence.challenger, other)
    lines, reasons = list(found["gate"]), list(found["verdict"]["reasons"])
    for line, reason in comparison.judge(comparison.rules_from(gate), champion, differences, rows):
        lines.append(line)
        reasons += [reason] if reason else []
    for line, some in slices.judge(slices.rules_from(gate), table):
        lines.append(line)
        reasons += some
    found |= {
        "gate": lines,
        "verdict": {"outcome": "Rejected" if reasons else "Passed", "passed": not reasons, "reasons": reasons},
        "champion": comparison.document(champion, differences, rows, seed),
        "slices": table,
        "drift": drift.against(champion.profile, evidence.test, evidence.config),
        "curves": curves.of_task(task, evidence.challenger),
        "lineage": lineage.of_job(lineage.described(), evidence.profile),
        "title": evidence.config.get("title") or found["model"],
        "registration": evidence.config.get("registration", {}),
        "algorithm": evidence.config["algorithms"][0]["name"],
        "hyperparameters": evidence.config["algorithms"][0]["hyperparameters"] | dict(evidence.used),
        "model_file_hyperparameters": evidence.config["algorithms"][0]["hyperparameters"],
        **importances.of_model(
            evidence.model, features_from(evidence.features), evidence.test, evidence.challenger, seed
        ),
    }


def _champion(evidence: Evidence, task: str) -> tuple[comparison.Champion, Rows | None]:
    champion = comparison.read(evidence.champion)
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
    return champion, comparison.rows_of(champion, evidence.challenger.truth, positive)


def slices_of(evidence: Evidence) -> list[slices.Slice]:
    """The held-out rows by the columns that the model file names, each with its own marks for what is missing."""
    data = evidence.config["data"]
    rules = {name: ColumnRule.parse(given, frozenset(data["missing"])) for name, given in data["columns"].items()}
    return [
        one
        for column in evidence.config.get("slices", [])
        for one in slices.cut(column, rules[column].kind, evidence.test.column(column), rules[column].missing)
    ]


def profile_in(folder: Path) -> dict[str, Any]:
    """profile.json of preprocessing's output; empty where there is none."""
    path = folder / "profile.json"
    return world.read_json(path, "profile") if path.is_file() else {}
