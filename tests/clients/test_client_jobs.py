"""Jobs by hand, as in a notebook: what an SDK reads back of a job that it did not start, or started long ago."""

from __future__ import annotations

from collections.abc import Callable

from sdk_projects import V2, Project, Sdk, Workplace


def test_the_sdk_attaches_to_what_was_trained_and_tuned_and_serves_the_best(
    project: Callable[[Sdk, str], Project], workplace: Workplace
) -> None:
    found = project(V2, "jobs_by_hand").run("train_and_tune.py")

    model = found.pop("model")
    assert found == {
        "curve": {"train:rmse": 1, "validation:rmse": 1},  # a point a minute
        "attached": True, "hyperparameters": {"objective": "reg:squarederror", "num_round": "20"},
        "trials": 3, "best": True, "answers": True, "right": True,
    }  # fmt: skip
    assert model.startswith(f"s3://{workplace.sdk.bucket}/by-hand/models/")


def test_a_script_unpickles_the_model_of_an_older_image_and_an_endpoint_serves_it(
    project: Callable[[Sdk, str], Project],
) -> None:
    found = project(V2, "older_image").run("train_and_evaluate.py")

    assert 0 < found["mse"] < 0.02
    assert found["off"] < 0.2
