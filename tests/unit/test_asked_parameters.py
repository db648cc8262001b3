"""The gate's limits of a run beside the model file's: what lets worse versions pass is told."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import published_churn
import pytest
from app.decide import asked_parameters
from app.decide.asked_parameters import LoosenedLimits, check_asked, loosened_limits
from app.decide.notifications import approval_notice
from app.decide.uploads.published_model import Model
from app.errors import NotAskable
from hypothesis import given
from hypothesis import strategies as st

from localcloud.sagemaker.pipelines import parameters as local_parameters
from pipelines.model import model_file
from pipelines.publishing import askable as published_list
from pipelines.publishing.askable import NOT_ASKABLE, announced, askable
from pipelines.publishing.freshness import COMPILED, IMAGES_PATH

ACCURACY: dict[str, Any] = {"metric": "accuracy", "at_least": 0.75, "parameter": "AccuracyThreshold"}
RMSE: dict[str, Any] = {"metric": "rmse", "at_most": 70_000, "parameter": "RmseThreshold"}
FIXED: dict[str, Any] = {"metric": "roc_auc", "not_worse_than_champion": {"tolerance": 0.03}}
FOR_RUN = "accuracy at least 0.5 for this run; the model file says 0.75"
PUBLISHED = "accuracy at least 0.6 as it is published; the model file says 0.75"


@pytest.mark.parametrize(
    ("limit", "published", "asked", "told", "by_run"),
    [
        (ACCURACY, {}, {}, (), False),
        (ACCURACY, {}, {"AccuracyThreshold": "0.9"}, (), False),
        (ACCURACY, {}, {"AccuracyThreshold": "0.5"}, (FOR_RUN,), True),
        (ACCURACY, {"AccuracyThreshold": "0.6"}, {}, (PUBLISHED,), False),
        (ACCURACY, {"AccuracyThreshold": "0.9"}, {"AccuracyThreshold": "0.8"}, (), True),
        (RMSE, {}, {"RmseThreshold": "60000"}, (), False),
        (RMSE, {}, {"RmseThreshold": "1e9"}, ("rmse at most 1e+09 for this run; the model file says 70000",), True),
        (FIXED, {}, {"AccuracyThreshold": "0"}, (), False),
    ],
)  # fmt: skip
def test_a_limit_that_lets_worse_versions_pass_is_told(
    limit: dict[str, Any], published: dict[str, str], asked: dict[str, str], told: tuple[str, ...], by_run: bool
) -> None:
    assert loosened_limits((limit,), published, asked) == LoosenedLimits(told, by_run)


@pytest.mark.parametrize("count", ["0", "3", "-1"])
def test_a_count_that_is_not_on_the_list_is_refused(count: str) -> None:
    counted = {"Name": "ProcessingInstanceCount", "Type": "Integer", "Minimum": 1, "Maximum": 2}
    document = published_churn.PUBLISHED | {"pipeline": published_churn.PUBLISHED["pipeline"] | {"askable": [counted]}}
    model = Model.parse(json.dumps(document))

    check_asked(model, {"ProcessingInstanceCount": "2"})
    with pytest.raises(NotAskable, match="it takes 1 to 2: for more, name more in the model file, and publish"):
        check_asked(model, {"ProcessingInstanceCount": count})


def test_what_is_a_number_is_the_same_to_all_who_are_asked() -> None:
    own = {kind: written.pattern for kind, (written, _) in asked_parameters.NUMBERS.items()}

    assert own == {kind: written.pattern for kind, written in published_list.NUMBERS.items()}
    assert own == {kind: written.pattern for kind, written in local_parameters.WRITTEN.items()}


@pytest.mark.parametrize(
    ("kind", "text"),
    [("Integer", text) for text in ("1_0", " 7", "7\n", "٣", "+7", "7.0", "", "1" * 2_000)]
    + [("Float", text) for text in ("1_0.5", " 0.5", "0.5\n", "nan", "Infinity", "1e999", ".5", "", "1" * 2_000)],
)
def test_a_number_that_only_python_reads_as_one_is_refused_with_what_is_taken(kind: str, text: str) -> None:
    listed = {"Name": "Asked", "Type": kind}
    document = published_churn.PUBLISHED | {"pipeline": published_churn.PUBLISHED["pipeline"] | {"askable": [listed]}}
    model = Model.parse(json.dumps(document))

    check_asked(model, {"Asked": "-12"})
    with pytest.raises(NotAskable, match=r"such as 12"):
        check_asked(model, {"Asked": text})


@given(st.sampled_from(["Integer", "Float"]), st.text(max_size=6) | st.floats().map(str) | st.integers().map(str))
def test_a_number_that_is_taken_is_one_to_the_local_cloud_too(kind: str, text: str) -> None:
    listed = {"Name": "Asked", "Type": kind}
    document = published_churn.PUBLISHED | {"pipeline": published_churn.PUBLISHED["pipeline"] | {"askable": [listed]}}
    with suppress(NotAskable):
        check_asked(Model.parse(json.dumps(document)), {"Asked": text})
        declared = {"Asked": local_parameters.Parameter("Asked", kind)}

        assert float(text) == local_parameters.parameter_values(declared, {"Asked": text})["Asked"]


def test_a_looser_limit_is_in_the_mail() -> None:
    mail = approval_notice("churn", "churn-1-a", 4, "arn", {"metrics": {}}, 60, loosened=[FOR_RUN]).text

    assert f"Its gate was looser than the model file's:\n  {FOR_RUN}\n" in mail


@pytest.mark.parametrize("path", sorted({*COMPILED.glob("*.json")} - {IMAGES_PATH}), ids=lambda path: path.stem)
def test_every_parameter_of_a_compiled_definition_is_listed_or_somebody_else_says_it(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    model = model_file.load(model_file.path_of(path.stem.removesuffix("--tuned")))

    names = {one["Name"] for one in document["Parameters"]}

    assert {one["Name"] for one in askable(document["Parameters"], model)} == names - set(NOT_ASKABLE)


def test_the_list_names_no_parameter_of_the_runs_own_and_the_instance_types_of_the_model_file() -> None:
    parameters = [
        {"Name": "InputData", "Type": "String"},
        {"Name": "ChampionImage", "Type": "String", "DefaultValue": "image"},
        {"Name": "max_depth", "Type": "Integer", "DefaultValue": 4},
        {"Name": "TrainingInstanceType", "Type": "String"},
        {"Name": "NewlyInvented", "Type": "String"},
        {"Name": "AccuracyThreshold", "Type": "Float"},
        {"Name": "KappaThreshold", "Type": "Float"},
    ]
    instances = {"training": "ml.m5.xlarge", "fallback": ["ml.c5.xlarge"], "large_data": {"training": "ml.m5.4xlarge"}}

    model = {"instances": instances, "gate": [ACCURACY, FIXED]}

    assert announced(parameters, model, {"TrainingInstanceType": "ml.r5.xlarge"}) == [
        {"Name": "max_depth", "Type": "Integer"},
        {
            "Name": "TrainingInstanceType",
            "Type": "String",
            "EnumValues": ["ml.c5.xlarge", "ml.m5.4xlarge", "ml.m5.xlarge", "ml.r5.xlarge"],
        },
        {"Name": "AccuracyThreshold", "Type": "Float"},
    ]


@pytest.mark.parametrize(
    ("name", "published", "most"),
    [
        ("ProcessingInstanceCount", {}, 2),
        ("ProcessingInstanceCount", {"ProcessingInstanceCount": "4"}, 4),
        ("MaxTuningJobs", {}, 8),
        ("ParallelTuningJobs", {}, 3),
    ],
)
def test_a_run_has_as_many_instances_and_jobs_as_the_model_file_or_publishing_says(
    name: str, published: dict[str, str], most: int
) -> None:
    model = {"instances": {"processing_count": 2}, "tuning": {"max_jobs": 8, "parallel_jobs": 3}}

    listed = announced([{"Name": name, "Type": "Integer"}], model, published)

    assert listed == [{"Name": name, "Type": "Integer", "Minimum": 1, "Maximum": most}]
