"""An edit of a model file costs what it changes: what did not read it is taken from the cache, and nobody compiles."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.stack.publishing import publish
from pipelines.model import model_file
from pipelines.publishing import freshness

STEPS = ("Preprocess", "Train", "Evaluate")
Edit = Callable[..., set[str]]


@pytest.fixture(scope="module")
def edited(new_stack: Callable[[str], Any]) -> Any:
    """A stack with a run on churn, which its gate stopped, so that no run waits for a person."""
    stack = new_stack("edits")
    stack.publish({"AccuracyThreshold": "0.99"})
    stack.run(stack.send(stack.csv("first.csv", rows=1000)).run)
    return stack


@pytest.fixture
def edit(edited: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Replaces texts of the model file, publishes where there is no SDK, runs: the steps taken from the cache."""
    text, path = model_file.path_of("churn").read_text(), tmp_path / "churn.yaml"
    monkeypatch.setattr(model_file, "path_of", lambda _model: path)
    monkeypatch.setattr(freshness, "_call", None)  # neither installed nor asked to compile

    def change(*replacements: tuple[str, str]) -> set[str]:
        changed = text
        for old, new in replacements:
            changed, count = re.subn(re.escape(old), new, changed)
            assert count == 1
        path.write_text(changed)
        said: list[str] = []
        publish(edited.target, "churn", {"AccuracyThreshold": "0.99"}, said.append)
        assert said == []
        return cached(edited)

    return change


def cached(stack: Any) -> set[str]:
    """Starts a run on the data that is there: of its steps, those that hit the cache."""
    done = stack.retrain("start", "churn", "--json")
    assert done.returncode == 0, done.stderr
    run = stack.run(json.loads(done.stdout)["run"])
    sagemaker = stack.target.client("sagemaker")
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=run.pipeline_execution_arn
    )
    steps = {step["StepName"]: step for page in pages for step in page["PipelineExecutionSteps"]}
    assert {steps[name]["StepStatus"] for name in STEPS} == {"Succeeded"}
    return {name for name in STEPS if "CacheHitResult" in steps[name]}


@pytest.mark.local
def test_another_deadline_and_counts_of_instances_make_nothing_anew(edit: Edit) -> None:
    hits = edit(
        ("deadline_s: 604800", "deadline_s: 3600"),
        ("processing_count: 1", "processing_count: 2"),
        ("instance_count: 1", "instance_count: 2"),
    )

    assert hits == {"Preprocess", "Train", "Evaluate"}


@pytest.mark.local
def test_another_title_and_owner_only_evaluate_again(edit: Edit) -> None:
    hits = edit(("title: Customer churn", "title: Who leaves?\nowner: the retention team"))

    assert hits == {"Preprocess", "Train"}


@pytest.mark.local
def test_another_limit_of_the_gate_only_evaluates_again(edit: Edit) -> None:
    assert edit(("tolerance: 0.03", "tolerance: 0.02")) == {"Preprocess", "Train"}


@pytest.mark.local
def test_a_feature_less_makes_all_anew(edit: Edit) -> None:
    assert edit(("    gender: category\n", "")) == set()
