"""Three algorithms on one split, as the model file has them and tuned."""

import json
from typing import Any

import pytest

from cli.demo_data import generate
from cli.show.follow import snapshots

MODEL = "california-housing"
TUNED = {  # what a run's tuning finds, by algorithm
    "xgboost": {"max_depth", "eta", "num_round", "subsample", "colsample_bytree"},
    "knn": {"k", "sample_size"},
    "sklearn": {"n_estimators", "max_depth", "learning_rate"},
}
DEADLINE_S = 400.0
pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(900)]


def said(done: Any) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def evaluations(stack: Any, run_id: str) -> dict[str, Any]:
    """evaluation.json of each algorithm, and of the step that compared them as ``""``, once a person is asked."""
    last = next(
        one.run
        for one in snapshots(stack.target, run_id, deadline_s=DEADLINE_S)
        if one.run.status.final or str(one.run.status) == "Awaiting approval"
    )
    assert last.outputs, last.reasons
    bucket, _, folder = last.outputs["evaluation"].removeprefix("s3://").partition("/")
    root = folder.rsplit("/", 2)[0] + "/"
    keys = [one["Key"] for one in stack.target.client("s3").list_objects_v2(Bucket=bucket, Prefix=root)["Contents"]]
    found = [
        json.loads(stack.target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        for key in keys
        if key.endswith("/evaluation/evaluation.json")
    ]
    return {"" if "comparison" in one else one["algorithm"]: one for one in found}


@pytest.fixture(scope="module")
def runs(stack: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The evaluations of a run as the model file has it, and of one that was tuned, on the same upload."""
    path = tmp_path_factory.mktemp("blocks") / "blocks.csv"
    path.write_text(generate(MODEL, 3000, 5))
    said(stack.retrain("publish", MODEL, "--json"))
    (sent,) = said(stack.retrain("upload", MODEL, str(path), "--json"))
    plain = evaluations(stack, sent["run"])
    begun = said(stack.retrain("start", MODEL, "--tune", "--set", "MaxTuningJobs=6", "--json"))
    return plain, evaluations(stack, begun["run"])


def test_tuning_beats_what_the_model_file_says_on_the_same_held_out_rows(runs: Any) -> None:
    plain, tuned = runs

    assert {name: one["rows"] for name, one in plain.items()} == {name: one["rows"] for name, one in tuned.items()}
    assert plain[""]["lineage"]["manifest"] == tuned[""]["lineage"]["manifest"]
    assert tuned[""]["metrics"]["rmse"] < plain[""]["metrics"]["rmse"]
    for name in TUNED:  # by validation rows, so of held-out rows chance may take a little back
        assert tuned[name]["metrics"]["rmse"] < 1.01 * plain[name]["metrics"]["rmse"], name
    better = [name for name in TUNED if tuned[name]["metrics"]["rmse"] < plain[name]["metrics"]["rmse"]]
    assert len(better) >= 2, better


def test_the_winner_is_the_best_of_all_and_is_what_is_judged(runs: Any) -> None:
    for one in runs:
        comparison = one[""]["comparison"]
        values = [candidate["metrics"]["rmse"] for candidate in comparison["candidates"]]

        assert values == sorted(values)
        assert comparison["winner"] == one[""]["algorithm"] == comparison["candidates"][0]["algorithm"]
        assert one[""]["metrics"] == one[comparison["winner"]]["metrics"]


def test_each_evaluation_says_the_hyperparameters_that_tuning_found(runs: Any) -> None:
    plain, tuned = runs

    for name, ranged in TUNED.items():
        used, given = tuned[name]["hyperparameters"], tuned[name]["model_file_hyperparameters"]
        assert plain[name]["hyperparameters"] == plain[name]["model_file_hyperparameters"] == given
        assert {one for one, value in used.items() if given.get(one) != value} <= ranged
        assert ranged <= set(used)
        assert used != given
