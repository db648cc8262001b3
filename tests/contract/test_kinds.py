"""Lists of kinds that stand in more than one house, because those have no module in common, are equal."""

import json
from pathlib import Path
from typing import Any

import pytest
from app.decide.operating.letters import REACTING
from evaluation.fairness import groups
from features import derived
from features.features import DENSE_ALGORITHMS
from report import facts_section
from role_policies import event_rules

from pipelines.definition.algorithms import ALGORITHMS
from pipelines.model import fairness_rules, feature_rules, model_file
from pipelines.model.algorithm_kinds import KINDS
from pipelines.publishing.surroundings import RUNS, RUNS_NOTHING, Surroundings, UnknownStep, placed

COMPILED = sorted((Path(__file__).parents[2] / "pipelines" / "compiled").glob("*.json"))


def test_an_algorithm_is_known_to_all_who_ask_for_its_name() -> None:
    item = model_file.schema()["properties"]["algorithms"]["items"]
    checked = [rule["if"]["properties"]["name"]["const"] for rule in item["allOf"]]

    assert set(item["properties"]["name"]["enum"]) == set(KINDS)
    assert set(checked) == set(KINDS)  # each has hyperparameters of its own
    assert set(ALGORITHMS) == set(KINDS)
    assert set(facts_section.ALGORITHMS) == set(KINDS)
    assert set(DENSE_ALGORITHMS) == {name for name, kind in KINDS.items() if kind.dense}


def test_a_dense_algorithm_is_trained_on_dense_rows_and_no_other_is() -> None:
    dense = {
        name for name, one in ALGORITHMS.items() if all(rows.startswith("dense_") for rows in one.channels.values())
    }

    assert dense == {name for name, kind in KINDS.items() if kind.dense}


def test_a_rule_of_derived_features_is_known_to_scripts_schema_and_check() -> None:
    schema = model_file.schema()["$defs"]["derived"]["properties"]["as"]["enum"]

    assert set(schema) == set(derived.KINDS) == set(feature_rules.READS)
    assert set(derived.COUNTED) == feature_rules.COUNTED


def test_what_is_measured_of_groups_is_known_to_scripts_schema_and_check() -> None:
    measured = {task: tuple(measure.name for measure in measures) for task, measures in groups.MEASURES.items()}
    schema = model_file.schema()["properties"]["fairness"]["properties"]["limits"]["properties"]

    assert measured == fairness_rules.MEASURES
    assert list(schema) == [name for names in measured.values() for name in names]


def test_dead_letters_of_every_rule_go_back_to_who_hears_it() -> None:
    heard: dict[str, set[str]] = {}
    for rule in event_rules().values():
        for kind in rule.get("EventPattern", {}).get("detail-type", []):
            targets = [target["Arn"] for target in rule["Targets"]]
            functions = {arn.rpartition(":")[2] for arn in targets if ":function:" in arn}
            heard.setdefault(kind, set()).update(functions)

    assert {kind: set(names) for kind, names in REACTING.items()} == {
        kind: names for kind, names in heard.items() if names
    }


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_publishing_knows_what_every_step_runs(path: Path) -> None:
    document = json.loads(path.read_text())
    kinds = {step["Type"] for step in steps(document.get("Steps") or [])}

    assert kinds <= RUNS | RUNS_NOTHING


def steps(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(given)
    for step in given:
        for branch in ("IfSteps", "ElseSteps"):
            found += steps((step.get("Arguments") or {}).get(branch) or [])
    return found


def test_a_step_that_nobody_knows_is_not_published() -> None:
    definition = {"Steps": [{"Name": "Check", "Type": "QualityCheck", "Arguments": {}}]}

    with pytest.raises(UnknownStep, match="step Check: nothing is known of what a QualityCheck step runs"):
        placed(definition, Surroundings("retrain"))
