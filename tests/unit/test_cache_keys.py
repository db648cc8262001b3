"""Step caching: which attributes decide, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from localcloud.sagemaker.pipelines.caching import key, lifetime
from localcloud.sagemaker.pipelines.step_types.job_steps import PROCESSING_STEP

DECIDING = PROCESSING_STEP.cached_by

PROCESSING: dict[str, Any] = {
    "AppSpecification": {"ImageUri": "i", "ContainerEntrypoint": ["python3", "x.py"]},
    "Environment": {"A": "1"},
    "ProcessingInputs": [{"InputName": "data", "S3Input": {"S3Uri": "s3://b/k"}}],
    "ProcessingOutputConfig": {"Outputs": []},
    "ProcessingResources": {"ClusterConfig": {"InstanceCount": 1}},
}


def of(**changed: Any) -> str | None:
    return key("pipeline", "Step", "Processing", DECIDING, PROCESSING | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"AppSpecification": {"ImageUri": "other"}},
        {"Environment": {"A": "2"}},
        {"ProcessingInputs": []},
    ],
)
def test_an_attribute_that_decides_makes_another_key(changed: dict[str, Any]) -> None:
    assert of(**changed) != of()


@pytest.mark.parametrize(
    "changed",
    [
        {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "x"}]}},
        {"ProcessingResources": {"ClusterConfig": {"InstanceCount": 2}}},
        {"StoppingCondition": {"MaxRuntimeInSeconds": 5}},
        {"RoleArn": "other"},
    ],
)
def test_where_the_output_goes_and_on_what_it_runs_does_not_decide(changed: dict[str, Any]) -> None:
    assert of(**changed) == of()


def test_another_pipeline_or_step_shares_nothing() -> None:
    assert len({key(p, s, "Processing", DECIDING, PROCESSING) for p in ("a", "b") for s in ("X", "Y")}) == 4


def test_a_step_without_an_argument_that_decides_is_never_cached() -> None:
    assert key("pipeline", "Step", "RegisterModel", (), {"A": "1"}) is None


def test_every_argument_decides_where_all_do() -> None:
    keys = [
        key("p", "S", "Lambda", ("*",), arguments) for arguments in ({"a": 1}, {"a": 2}, {"a": 1, "FunctionArn": "f"})
    ]

    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("30d", timedelta(days=30)),
        ("P30D", timedelta(days=30)),
        ("PT1H", timedelta(hours=1)),
        ("T16m", timedelta(minutes=16)),
        ("30dT5h", timedelta(days=30, hours=5)),
        ("5y", timedelta(days=5 * 365)),
        ("PT30S", timedelta(seconds=30)),
    ],
)
def test_a_lifetime_is_a_duration(text: str, expected: timedelta | None) -> None:
    assert lifetime(text) == expected


@pytest.mark.parametrize("text", ["soon", "P", "30"])
def test_anything_else_is_no_lifetime(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        lifetime(text)
