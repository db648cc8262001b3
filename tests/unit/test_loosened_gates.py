"""A run that is asked for with fewer held-out rows, or with an older version of the pipeline: what loosens its gate is
told, and a person is asked.
"""

import json
from typing import Any

import pytest
from app.decide.asked_parameters import check_asked, loosened
from app.decide.protection.older_publications import bound, loosened_by_version
from app.decide.run_plans import data_set, frozen_plan
from app.decide.uploads.published_model import Model
from app.errors import NotAskable
from published_churn import ASKABLE, MODEL, PUBLISHED

ACCURACY: dict[str, Any] = {"metric": "accuracy", "at_least": 0.75, "parameter": "AccuracyThreshold"}
RMSE: dict[str, Any] = {"metric": "rmse", "at_most": 70_000, "parameter": "RmseThreshold"}
SPLIT = {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": ""}
FRACTIONS = [{"Name": name, "Type": "Float"} for name in ("TrainFraction", "ValidationFraction")]


def publication(parameters: dict[str, str] | None = None, **model: Any) -> Model:
    """A publication whose runs can be asked for with fractions; ``model`` says what its file has otherwise."""
    pipeline = PUBLISHED["pipeline"] | {"askable": [*ASKABLE, *FRACTIONS]}
    document = PUBLISHED | {"pipeline": pipeline, "parameters": parameters or {}, "model": MODEL | model}
    return Model.parse(json.dumps(document))


AUTOMATIC = {"approval": {"mode": "automatic"}, "split": SPLIT}


@pytest.mark.parametrize(
    ("published", "asked", "told"),
    [
        ({}, {}, []),
        ({}, {"TrainFraction": "0.6"}, []),
        ({}, {"TrainFraction": "0.7", "ValidationFraction": "0.15"}, []),
        (
            {},
            {"TrainFraction": "0.999", "ValidationFraction": "0"},
            ["0.001 of the rows are held out for this run; the model file says 0.15"],
        ),
        ({}, {"TrainFraction": "0.8"}, ["0.05 of the rows are held out for this run; the model file says 0.15"]),
        (
            {"TrainFraction": "0.5"},
            {"TrainFraction": "0.7"},
            ["0.15 of the rows are held out for this run; as it is published they are 0.35"],
        ),
    ],
)
def test_fewer_rows_for_the_gate_to_judge_ask_a_person(
    published: dict[str, str], asked: dict[str, str], told: list[str]
) -> None:
    model = publication(published, **AUTOMATIC)

    plan = frozen_plan(model, data_set("bucket", "churn", []), "bucket", {"parameters": asked})

    assert (plan["automatic"], plan["loosened"]) == (not told, told)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"TrainFraction": "0.9", "ValidationFraction": "0.1"}, "leave no rows for the gate to judge"),
        ({"TrainFraction": "0.9"}, "leave no rows for the gate to judge"),
        ({"TrainFraction": "0"}, "TrainFraction lies between 0 and 1"),
        ({"ValidationFraction": "-0.1"}, "ValidationFraction is 0, or lies between 0 and 1"),
    ],
)
def test_fractions_that_leave_nothing_to_judge_are_refused(asked: dict[str, str], why: str) -> None:
    with pytest.raises(NotAskable, match=why):
        check_asked(publication(split=SPLIT), asked)


def test_fractions_of_a_model_whose_split_was_not_published_ask_a_person() -> None:
    assert loosened(publication(), {"TrainFraction": "0.7"}).by_run


CHAMPION: dict[str, Any] = {"metric": "roc_auc", "not_worse_than_champion": {"tolerance": 0.03}}


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ([ACCURACY], [ACCURACY], ()),
        ([ACCURACY, RMSE], [ACCURACY], ()),
        ([ACCURACY | {"at_least": 0.9}], [ACCURACY], ()),
        ([ACCURACY, ACCURACY | {"at_least": 0.1, "parameter": "Other"}], [ACCURACY], ()),
        (
            [ACCURACY | {"at_least": 0.1}],
            [ACCURACY],
            ("accuracy at least 0.1 by version 4 of the pipeline; now it is 0.75",),
        ),
        ([RMSE | {"at_most": 9e5}], [RMSE], ("rmse at most 900000 by version 4 of the pipeline; now it is 70000",)),
        ([RMSE], [RMSE, ACCURACY], ("accuracy has no limit by version 4 of the pipeline; now it is at least 0.75",)),
        (
            [CHAMPION | {"not_worse_than_champion": {"tolerance": 1}}],
            [CHAMPION],
            (
                "roc_auc has not the limit 'not worse than champion' by version 4 of the pipeline that the model file"
                " has now",
            ),
        ),
        ([CHAMPION, ACCURACY], [CHAMPION], ()),
    ],
)
def test_the_gate_of_an_older_version_is_held_against_the_gate_of_now(
    then: list[dict[str, Any]], now: list[dict[str, Any]], told: tuple[str, ...]
) -> None:
    assert loosened_by_version(publication(gate=then), publication(gate=now), {}) == told


def test_what_is_asked_of_an_older_version_counts_against_the_gate_of_now() -> None:
    then, now = publication({"AccuracyThreshold": "0.2"}, **AUTOMATIC), publication(**AUTOMATIC)

    strict = loosened(then, {"AccuracyThreshold": "0.75"}, now)
    loose = loosened(then, {}, now)

    assert (strict.by_run, loose.by_run) == (False, True)
    assert "accuracy at least 0.2 by version 4 of the pipeline; now it is 0.75" in loose.texts


def test_an_older_version_quotes_nothing_where_the_model_file_says_now_that_its_data_is_sensitive() -> None:
    sensitive = MODEL["data"] | {"sensitive": True}

    assert bound(publication(), publication(data=sensitive)).data.sensitive
    assert bound(publication(data=sensitive), publication()).data.sensitive
