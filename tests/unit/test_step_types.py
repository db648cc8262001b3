"""The table of step types: whatever is in it runs, whatever is not is refused by name."""

from __future__ import annotations

import pytest

from localcloud.sagemaker.pipelines.definition import Malformed, parse
from localcloud.sagemaker.pipelines.steps import Steps
from localcloud.sagemaker.step_types import ELSEWHERE, STEP_TYPES


def test_only_the_condition_runs_without_a_method_of_its_own() -> None:
    missing = {name for name, kind in STEP_TYPES.items() if not callable(getattr(Steps, kind.runs or "none", None))}

    assert missing == {"Condition"}


def test_what_is_cached_starts_a_job() -> None:
    assert all(kind.noun.endswith("Job") for kind in STEP_TYPES.values() if kind.deciding)


def test_no_type_both_runs_here_and_elsewhere() -> None:
    assert set(STEP_TYPES) & set(ELSEWHERE) == set()


@pytest.mark.parametrize("kind", STEP_TYPES)
def test_a_definition_may_have_steps_of_every_type_of_the_table(kind: str) -> None:
    assert parse({"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": kind}]}).steps["A"].type == kind


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_a_type_that_runs_elsewhere_is_refused_by_name(kind: str) -> None:
    with pytest.raises(Malformed, match=f"of type {kind}, which does not run outside AWS yet"):
        parse({"Version": "2020-12-01", "Steps": [{"Name": "A", "Type": kind}]})
