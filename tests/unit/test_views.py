"""Views of a model file: every key is somebody's, nobody reads another's, and an edit changes what reads it."""

import copy
import json
from datetime import date
from typing import Any

import pytest
from app.decide.uploads.published_model import Model
from data.column_rules import Settings
from published_churn import PUBLISHED

from pipelines.definition import defaults
from pipelines.model import model_file, views
from pipelines.model.views import View
from pipelines.publishing import freshness
from tests import own_models

TODAY = date(2026, 6, 30)
MODELS = ("churn", "california-housing", "employee-bonus")


def leaves(rule: dict[str, Any], path: tuple[str, ...] = ()) -> set[str]:
    """Paths of the keys of a schema that hold no keys of the schema's; through a list, those of its entries."""
    inner = rule.get("items", rule).get("properties")
    if not inner:
        return {".".join(path)}
    return {leaf for key, below in inner.items() for leaf in leaves(below, (*path, key))}


def covers(path: str, leaf: str) -> bool:
    return f"{leaf}.".startswith(f"{path}.")


KEYS = leaves(model_file.schema())


def test_every_key_of_the_schema_is_in_a_view() -> None:
    paths = [path for view in View for path in views.KEYS[view].split()]

    assert {leaf for leaf in KEYS if not any(covers(path, leaf) for path in paths)} == set()


@pytest.mark.parametrize("view", View)
def test_every_key_of_a_view_is_in_the_schema(view: View) -> None:
    assert [path for path in views.KEYS[view].split() if not any(covers(path, leaf) for leaf in KEYS)] == []


def test_a_key_that_no_view_names_reaches_nobody() -> None:
    model = own_models.load("churn") | {"unheard": 1}

    assert all("unheard" not in views.document(view, model) for view in View)


@pytest.mark.parametrize("model", MODELS)
def test_the_scripts_that_prepare_read_no_more_than_their_view(model: str) -> None:
    whole = own_models.load(model)
    seen, all_of_it = (Settings.parse(one, as_of=TODAY) for one in (views.document(View.PREPARATION, whole), whole))

    assert seen == all_of_it


@pytest.mark.parametrize("model", MODELS)
def test_the_app_reads_no_more_than_its_view(model: str) -> None:
    whole = own_models.load(model) | {"title": "A title", "owner": "the pricing team"}
    whole["instances"] |= {"large_data": {"over_mb": 10, "training": "ml.m5.4xlarge"}, "parallel_steps": 2}
    seen, all_of_it = (
        Model.parse(json.dumps(PUBLISHED | {"model": document}))
        for document in (views.document(View.APP, whole), whole)
    )

    assert seen == all_of_it


@pytest.mark.parametrize("model", MODELS)
def test_publishing_takes_defaults_from_no_more_than_their_view(model: str) -> None:
    whole = own_models.load(model)

    assert defaults.values(views.document(View.DEFAULTS, whole)) == defaults.values(whole)


EDITS: dict[str, tuple[dict[str, Any], set[View]]] = {
    "a title": ({"title": "Who leaves?"}, {View.EVALUATION, View.APP}),
    "an owner": ({"owner": "the churn team"}, {View.EVALUATION, View.APP}),
    "a deadline": ({"approval": {"mode": "manual", "deadline_s": 60}}, {View.APP}),
    "a count of the endpoint's instances": ({"deployment": {"instance_count": 2}}, {View.APP}),
    "a count of a job's instances": ({"instances": {"processing_count": 2}}, {View.DEFAULTS, View.APP}),
    "a job's instances": ({"instances": {"training": "ml.m5.4xlarge"}}, {View.DEFAULTS, View.APP}),
    "a check": ({"checks": {"missing": {"rise": 0.2, "action": "stop"}}}, {View.APP}),
    "a limit": ({"gate": [{"metric": "accuracy", "at_least": 0.8, "parameter": "AccuracyThreshold"}]},
                {View.EVALUATION, View.DEFAULTS, View.APP}),
    "slices": ({"slices": ["Contract"]}, {View.EVALUATION}),
    "a feature": ({"data": {"columns": {"tenure": "number"}}}, {View.PREPARATION, View.EVALUATION, View.APP}),
    "a split": ({"split": {"salt": "again"}}, {View.PREPARATION, View.DEFINITION, View.APP}),
    "groups to compare": ({"fairness": {"columns": ["gender"]}}, {View.PREPARATION, View.EVALUATION, View.APP}),
    "a decision": ({"decision": {"threshold": 0.3}}, {View.EVALUATION, View.DEFINITION}),
    "the rows' group": ({"data": {"group": ["customerID"]}}, {View.PREPARATION, View.EVALUATION, View.APP}),
    "a split by time": ({"split": {"by": "tenure"}}, {View.PREPARATION, View.EVALUATION, View.APP}),
    "a time limit": ({"instances": {"max_hours": 3}}, {View.DEFINITION, View.APP}),
    "spot": ({"spot": False}, {View.DEFINITION}),
}  # fmt: skip


def edited(model: dict[str, Any], edit: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(model)
    for key, value in edit.items():
        changed[key] = changed.get(key, {}) | value if isinstance(value, dict) else value
    return changed


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_the_hash_of_who_reads_it_and_of_nobody_else(edit: str) -> None:
    before, (change, wanted) = own_models.load("churn"), EDITS[edit]
    after = edited(before, change)

    assert {view for view in View if views.sha256(view, after) != views.sha256(view, before)} == wanted


@pytest.mark.parametrize("edit", [edit for edit, (_, changed) in EDITS.items() if View.DEFINITION not in changed])
def test_a_definition_stays_fresh_when_what_it_is_compiled_from_does(edit: str) -> None:
    before = model_file.load(model_file.path_of("churn"))

    assert freshness.is_fresh(edited(before, EDITS[edit][0]))
