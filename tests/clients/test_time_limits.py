"""What a model file says of spot capacity and of hours, as the SDK compiles it: no model of the project says it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import own_models
import pytest
from cloud import bare_environment
from sdk_projects import PROGRAM_DEADLINE_S, ROOT, V3

from pipelines.model import views
from pipelines.model.views import View

COMPILER = """
import json, sys
from pipelines.compile import prepare_sdk
prepare_sdk()
from pipelines.definition.sdk_pipeline import definitions
print(json.dumps(list(definitions(json.load(sys.stdin)).values())))
"""
MODELS = {"churn": {"Training"}, "california-housing": {"Training", "Tuning"}}  # and how it trains in its pipelines


def compiled(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The definitions of a model, compiled as ``make compile`` does."""
    assert V3.python.is_file(), f"SDK v{V3.version} is not installed: `make {V3.target}` does it"
    done = subprocess.run(
        [V3.python, "-c", COMPILER], cwd=ROOT, env=bare_environment() | {"PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}"},
        input=json.dumps(views.document(View.DEFINITION, model)), capture_output=True, text=True,
        timeout=PROGRAM_DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def asked(name: str, *, spot: bool, max_hours: int) -> list[tuple[str, dict[str, Any]]]:
    """Type and request of each job of the pipelines of a model that is to train so."""
    model = own_models.load(name)
    given = model | {"spot": spot, "instances": model["instances"] | {"max_hours": max_hours}}
    return [job for definition in compiled(given) for job in jobs(definition["Steps"])]


def jobs(steps: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for step in steps:
        arguments = step["Arguments"]
        if step["Type"] == "Condition":
            yield from jobs(arguments["IfSteps"] + arguments["ElseSteps"])
        elif step["Type"] in ("Processing", "Training", "Tuning"):
            yield step["Type"], arguments.get("TrainingJobDefinition", arguments)


@pytest.mark.parametrize("name", MODELS)
def test_spot_training_waits_no_longer_than_aws_allows(name: str) -> None:
    found = asked(name, spot=True, max_hours=1)
    trained = [(kind, job) for kind, job in found if kind != "Processing"]

    assert {kind for kind, _ in trained} == MODELS[name]
    for _, job in trained:
        assert job["EnableManagedSpotTraining"] is True
        assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}
    assert not any("EnableManagedSpotTraining" in job for kind, job in found if kind == "Processing")


@pytest.mark.parametrize("name", MODELS)
def test_every_job_may_take_the_hours_that_the_model_file_says(name: str) -> None:
    found = asked(name, spot=False, max_hours=7)

    assert {kind for kind, _ in found} == {"Processing", *MODELS[name]}
    assert [job["StoppingCondition"] for _, job in found] == [{"MaxRuntimeInSeconds": 7 * 3600}] * len(found)
    assert not any(job.get("EnableManagedSpotTraining") for _, job in found)
