"""Employees from raw upload to trained line, through the scripts on folders, beside what one would write by hand."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from script_runs import run
from sklearn.linear_model import LinearRegression
from sklearn.metrics import root_mean_squared_error

from cli import demo_data
from localcloud.containers.algorithms import linear_learner
from pipelines.model import model_file, views
from pipelines.model.views import View

AS_OF = "2026-06-30"
BANDS = {"salary": [45_000, 70_000, 100_000], "age": [30, 40, 50]}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Clean and split rows, what cleaning said, and the upload."""
    base = tmp_path_factory.mktemp("people")
    processing = base / "processing"
    for name in ("input", "config"):
        (processing / name).mkdir(parents=True)
    rows = demo_data.generate("employee-bonus", 4000, 3)
    (processing / "input" / "people.csv").write_text(rows)
    model = model_file.load(model_file.path_of("employee-bonus"))
    (processing / "config" / "model.json").write_bytes(views.content(View.PREPARATION, model))
    said = run("clean.py", base, "--set", "AsOfDate", AS_OF)
    run("split.py", base)
    (processing / "config" / "model.json").write_bytes(views.content(View.EVALUATION, model))  # what runs next
    return processing, said, pd.read_csv(io.StringIO(rows), keep_default_na=False)


def trained(processing, base):
    """The stand-in's line, trained as the pipeline asks."""
    for name in ("train", "validation"):
        shutil.copytree(processing / f"dense_{name}", base / "input" / "data" / name)
    (base / "input" / "config").mkdir()
    channels = {name: {"ContentType": "text/csv"} for name in ("train", "validation")}
    (base / "input" / "config" / "inputdataconfig.json").write_text(json.dumps(channels))
    width = json.loads((processing / "width" / "width.json").read_text())["dense"]
    given = {"predictor_type": "regressor", "feature_dim": width, "mini_batch_size": "32", "epochs": "10"}
    linear_learner.train(base, given)
    return linear_learner.load_line(base / "model")


def by_hand(frame):
    """The same features with pandas alone: mean of training rows for gaps, dummies for levels."""
    train = frame["split"] == "train"
    known = frame["profile"].map(lambda text: json.loads(text) if text.endswith("}") else {})
    numbers = pd.DataFrame({
        "age": pd.to_numeric(frame["age"], errors="coerce"), "salary": pd.to_numeric(frame["salary"], errors="coerce"),
        "rating": pd.to_numeric(frame["rating"]),
        "tenure": (pd.Timestamp(AS_OF) - pd.to_datetime(frame["hire_date"], errors="coerce")).dt.days / 365.25,
        "address": known.map(lambda profile: profile.get("address")).str.len(),
    })  # fmt: skip
    bands = [pd.cut(numbers[name], [-np.inf, *edges, np.inf], right=False) for name, edges in BANDS.items()]
    dummies = [pd.get_dummies(levels, dtype=float) for levels in [frame["department"].replace("", None), *bands]]
    features = np.hstack([numbers.fillna(numbers[train].mean()), *dummies])
    return features, frame["bonus"].astype(float).to_numpy(), train.to_numpy()


def test_quality_equals_that_of_plain_scikit_learn_on_the_same_split(prepared, tmp_path):
    processing, _, raw = prepared
    transformed = pd.read_csv(processing / "transformed" / "algo-1.csv")
    frame = raw.merge(transformed[["employee_id", "split"]], on="employee_id")
    held_out = transformed[transformed["split"] == "test"]
    seen = held_out.drop(columns=["employee_id", "split", "bonus"]).to_numpy(float)

    found = root_mean_squared_error(held_out["bonus"], trained(processing, tmp_path).score(seen))

    features, answers, train = by_hand(frame)
    plain = LinearRegression().fit(features[train], answers[train])
    test = (frame["split"] == "test").to_numpy()
    wanted = root_mean_squared_error(answers[test], plain.predict(features[test]))
    assert found == pytest.approx(wanted, rel=0.01)
    assert found < 0.45 * answers[test].std()


def test_cleaning_says_what_it_could_not_read_and_the_day_that_years_count_to(prepared):
    processing, said, raw = prepared

    assert f"{(raw['hire_date'] == 'unknown').sum()} rows have a 'hire_date' that cannot be read" in said
    assert said.endswith(f"rows: 4000; years as of {AS_OF}\n")
    assert json.loads((processing / "features" / "features.json").read_text())["as_of"] == AS_OF


def test_a_transforms_answers_are_judged_in_money(prepared, tmp_path):
    processing, _, _ = prepared
    line = trained(processing, tmp_path)
    held_out = pd.read_csv(processing / "transformed" / "algo-1.csv").query("split == 'test'")
    answers = line.score(held_out.drop(columns=["employee_id", "split", "bonus"]).to_numpy(float))
    (tmp_path / "predictions").mkdir()
    (tmp_path / "predictions" / "algo-1.jsonl.out").write_text("".join(f"{answer!r}\n" for answer in answers.tolist()))

    run("evaluate.py", processing.parent, "--predictions", tmp_path / "predictions", "--output", tmp_path)

    found = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert found["verdict"]["outcome"] == "Passed"
    assert found["metrics"]["rmse"] == pytest.approx(root_mean_squared_error(held_out["bonus"], answers))
    assert {one["column"] for one in found["slices"]} == {"department"}
    assert found["lineage"]["years_as_of"] == AS_OF
    assert found["lineage"]["read_as_missing"].startswith("hire_date of ")
    report = (tmp_path / "evaluation" / "report.html").read_text()
    assert all(text in report for text in (AS_OF, "people-analytics", "ml.m5.large, ml.m5.xlarge"))
