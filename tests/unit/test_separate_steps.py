"""Split behind Preprocess: any model's definition, one step longer."""

import json

import own_models
import pytest

from pipelines.definition.split_step import is_separate, separated
from pipelines.publishing import freshness

CHURN = {"preprocessing": {"script": "clean.py", "split": "split.py"}}


@pytest.fixture(scope="module")
def churn():
    return json.loads(freshness.definition_path("churn").read_text())


def by_name(definition):
    return {step["Name"]: step for step in definition["Steps"]}


def said(step):
    return step["Arguments"]["AppSpecification"]


def outputs(step):
    return [one["OutputName"] for one in step["Arguments"]["ProcessingOutputConfig"]["Outputs"]]


def test_cleaning_leaves_clean_rows_and_splitting_all_that_training_needs(churn):
    found = separated(churn, CHURN)

    clean, split = found["Steps"][:2]
    assert (clean["Name"], outputs(clean)) == ("Preprocess", ["cleaned"])
    assert (split["Name"], outputs(split)) == ("Split", [*outputs(churn["Steps"][0]), "transformed"])
    assert [one["InputName"] for one in split["Arguments"]["ProcessingInputs"]] == ["cleaned", "code", "config"]
    assert said(split)["ContainerEntrypoint"][1].endswith("/split.py")


def test_only_splitting_sees_the_fractions(churn):
    clean, split = separated(churn, CHURN)["Steps"][:2]

    assert "ContainerArguments" not in said(clean)
    assert [part for part in said(split)["ContainerArguments"] if isinstance(part, str) and "Fraction" in part] == [
        "TrainFraction", "ValidationFraction",
    ]  # fmt: skip


def test_nobody_but_splitting_reads_from_preprocess(churn):
    found = separated(churn, CHURN)

    for name, step in by_name(found).items():
        assert ("Steps.Preprocess." in json.dumps(step)) == (name == "Split")
    assert json.dumps(found).count("Steps.Split.") == json.dumps(churn).count("Steps.Preprocess.")


def test_the_definition_itself_is_left_as_it_was(churn):
    before = json.dumps(churn)

    separated(churn, CHURN)

    assert json.dumps(churn) == before


@pytest.mark.parametrize(("model", "separate"), [("churn", False), ("employee-bonus", True)])
def test_models_split_by_themselves_unless_they_name_a_script_for_it(model, separate):
    assert is_separate(own_models.load(model)) is separate
