"""Regression through the scripts on folders, beside what one would write by hand."""

import csv
import io
import json
import tarfile

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from packing import tar_gz
from script_runs import run
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score
from threadpoolctl import threadpool_limits

from cli import demo_data
from pipelines.model import model_file, views
from pipelines.model.model_rules import kind_of
from pipelines.model.views import View


def hyperparameters(model, algorithm="xgboost"):
    """The model file's, and of them the number of rounds."""
    algorithms = {one["name"]: one for one in model_file.load(model_file.path_of(model))["algorithms"]}
    given = dict(algorithms[algorithm]["hyperparameters"])
    given |= {"nthread": 1} if algorithm == "xgboost" else {}  # waiting threads make a busy machine slow
    return given, given.pop("num_round", None)


def prepare(base, model, rows):
    (base / "processing" / "input").mkdir(parents=True)
    (base / "processing" / "input" / "data.csv").write_text(rows)
    (base / "processing" / "config").mkdir()
    show(base, model, View.PREPARATION)
    run("preprocess.py", base)
    show(base, model, View.EVALUATION)  # to what runs next


def show(base, model, view):
    """Give the next job its view of the model file, as its pipeline does."""
    content = views.content(view, model_file.load(model_file.path_of(model)))
    (base / "processing" / "config" / "model.json").write_bytes(content)


def pack(base, name, content):
    (base / "processing" / "model").mkdir(exist_ok=True)
    (base / "processing" / "model" / "model.tar.gz").write_bytes(tar_gz({name: content}))


def numbers(base, name):
    rows = np.loadtxt(base / "processing" / name / "algo-1.csv", delimiter=",", ndmin=2)
    return rows[:, 1:], rows[:, 0]


def evaluated(base):
    return json.loads((base / "processing" / "evaluation" / "evaluation.json").read_text())


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    base = tmp_path_factory.mktemp("houses")
    rows = demo_data.generate("house-price", 3000, 3)
    prepare(base, "house-price", rows)
    features, answers = numbers(base, "train")
    settings, rounds = hyperparameters("house-price")
    pack(base, "xgboost-model", bytes(xgb.train(settings, xgb.DMatrix(features, answers), rounds).save_raw("ubj")))
    run("evaluate.py", base, "--hyperparameter", "num_round", 801)
    return base, pd.read_csv(io.StringIO(rows), keep_default_na=False)


def by_hand(base, frame):
    """One-hot encoding and the same algorithm, on the very same training and held-out rows."""
    kinds = model_file.load(model_file.path_of("house-price"))["data"]["columns"]
    inputs = pd.concat(
        [
            pd.to_numeric(frame[name], errors="coerce") if kind_of(kind) == "number"
            else pd.get_dummies(frame[name], prefix=str(at), dtype=float)
            for at, (name, kind) in enumerate(kinds.items())
        ],
        axis=1,
    )  # fmt: skip
    inputs.columns = [str(at) for at in range(inputs.shape[1])]
    price = frame["SalePrice"].astype(float).to_numpy()
    held_out = frame["Id"].isin(pd.read_csv(base / "processing" / "test" / "algo-1.csv")["Id"]).to_numpy()
    known = {
        round(float(row[0]), 9)
        for row in csv.reader((base / "processing" / "train" / "algo-1.csv").read_text().splitlines())
    }
    train = ~held_out & np.array([round(float(np.log(one)), 9) in known for one in price])
    settings, rounds = hyperparameters("house-price")
    booster = xgb.train(settings, xgb.DMatrix(inputs[train], np.log(price[train])), rounds)
    return r2_score(price[held_out], np.exp(booster.predict(xgb.DMatrix(inputs[held_out]))))


def test_quality_equals_that_of_a_plain_script_on_the_same_split(houses):
    base, frame = houses
    found = evaluated(base)["metrics"]["r2"]

    assert found >= 0.85
    assert found >= by_hand(base, frame) - 0.01


def test_all_rows_that_are_not_held_out_are_learnt_from(houses):
    base, frame = houses
    rows = evaluated(base)["rows"]

    assert rows["validation"] == 0
    assert rows["train"] + rows["test"] == len(frame)
    assert 0.83 < rows["train"] / len(frame) < 0.87


def test_each_column_has_one_importance_however_many_numbers_it_is(houses):
    base, _ = houses
    features, _ = numbers(base, "train")
    names = [one["column"] for one in evaluated(base)["importance"]]

    assert sorted(names) == sorted(model_file.load(model_file.path_of("house-price"))["data"]["columns"])
    assert features.shape[1] > len(names)


def test_the_evaluation_says_the_hyperparameters_of_its_run(houses):
    found = evaluated(houses[0])

    assert found["hyperparameters"] == found["model_file_hyperparameters"] | {"num_round": 801}


def test_the_evaluation_speaks_of_dollars_and_has_sagemakers_sections(houses):
    found = evaluated(houses[0])

    assert set(found["regression_metrics"]) == {"rmse", "mae", "mse", "r2"}
    assert all(metric["standard_deviation"] > 0 for metric in found["regression_metrics"].values())
    assert found["metrics"]["mae"] > 1000
    assert found["metrics"]["mse"] == pytest.approx(found["metrics"]["rmse"] ** 2)
    assert found["gate"][0]["metric"] == "r2"


def test_answers_are_in_the_targets_own_unit(houses):
    base, frame = houses
    stored = json.loads((base / "processing" / "verification" / "verification.json").read_text())
    values = [one["value"] for one in stored["predictions"]]

    assert values == sorted(values)
    prices = frame["SalePrice"].astype(int)
    assert prices.min() * 0.5 < values[0] < values[-1] < prices.max() * 1.5


def test_na_is_a_level_in_one_column_and_missing_in_another(houses):
    columns = json.loads((houses[0] / "processing" / "features" / "features.json").read_text())["columns"]
    by_name = {column["name"]: column for column in columns}

    assert "NA" in by_name["FireplaceQu"]["levels"]
    assert "NA" not in by_name["Electrical"]["levels"]
    assert by_name["LotFrontage"]["missing"] == ["NA"]


@pytest.fixture(scope="module")
def blocks(tmp_path_factory):
    base = tmp_path_factory.mktemp("blocks")
    prepare(base, "california-housing", demo_data.generate("california-housing", 3000, 3))
    return base


def test_scikit_learn_trains_in_script_mode_and_its_package_answers(blocks, tmp_path):
    prepared = blocks / "processing"
    channels = {f"SM_CHANNEL_{name.upper()}": str(prepared / name) for name in ("train", "validation")}

    said = run("train_sklearn.py", blocks, "--n_estimators", 60, SM_MODEL_DIR=str(tmp_path), **channels)
    pack(blocks, "model.joblib", (tmp_path / "model.joblib").read_bytes())
    run("evaluate.py", blocks, "--algorithm", "sklearn", "--output", tmp_path)

    assert said.startswith("validation-rmse: ")
    found = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert (found["algorithm"], found["metrics"]["r2"] > 0.6) == ("sklearn", True)


def blocks_by_hand(base):
    """One-hot inputs and answers of the very same training and held-out rows."""
    frame = pd.read_csv(base / "processing" / "input" / "data.csv", dtype=str, keep_default_na=False)
    held_out = pd.read_csv(base / "processing" / "test" / "algo-1.csv", dtype=str, keep_default_na=False)
    names = list(held_out.columns)
    test = pd.MultiIndex.from_frame(frame[names[:-1]]).isin(pd.MultiIndex.from_frame(held_out[names[:-1]]))
    learnt = {tuple(row) for row in np.column_stack(numbers(base, "train"))[:, [0, 1, -1]]}
    train = [(float(x), float(y), float(z)) in learnt for x, y, z in frame[[*names[:2], names[-1]]].to_numpy()]
    answers = frame.pop("median_house_value").astype(float).to_numpy()
    levels = pd.get_dummies(frame.pop("ocean_proximity"), dtype=float)
    inputs = pd.concat([frame.apply(pd.to_numeric, errors="coerce"), levels], axis=1).to_numpy()
    return (inputs[train], answers[train]), (inputs[test], answers[test])


def test_both_boosters_are_as_good_as_plain_scripts_on_the_same_split(blocks, tmp_path):
    train, (held_out, truth) = blocks_by_hand(blocks)
    settings, rounds = hyperparameters("california-housing")
    features, answers = numbers(blocks, "train")
    booster = xgb.train(settings, xgb.DMatrix(features, answers), rounds)
    pack(blocks, "xgboost-model", bytes(booster.save_raw("ubj")))
    run("evaluate.py", blocks, "--output", tmp_path / "xgboost")
    channels = {f"SM_CHANNEL_{name.upper()}": str(blocks / "processing" / name) for name in ("train", "validation")}
    given, _ = hyperparameters("california-housing", "sklearn")
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    run("train_sklearn.py", blocks, *words, SM_MODEL_DIR=str(tmp_path), **channels)
    pack(blocks, "model.joblib", (tmp_path / "model.joblib").read_bytes())
    run("evaluate.py", blocks, "--algorithm", "sklearn", "--output", tmp_path / "sklearn")

    boosting = HistGradientBoostingRegressor(
        max_iter=given["n_estimators"], max_depth=given["max_depth"], learning_rate=given["learning_rate"],
        early_stopping=False, random_state=given["seed"],
    )  # fmt: skip
    with threadpool_limits(1):
        plain = {
            "xgboost": xgb.train(settings, xgb.DMatrix(*train), rounds).predict(xgb.DMatrix(held_out)),
            "sklearn": boosting.fit(*train).predict(held_out),
        }
    for name, said in plain.items():
        found = json.loads((tmp_path / name / "evaluation" / "evaluation.json").read_text())
        assert found["algorithm"] == name
        assert found["rows"]["test"] == len(truth)
        assert found["metrics"]["r2"] >= r2_score(truth, said) - 0.01, name


def test_a_transforms_answers_are_scored_as_a_models_are(blocks, tmp_path):
    header, *rows = csv.reader((blocks / "processing" / "test" / "algo-1.csv").read_text().splitlines())
    truth = [float(row[header.index("median_house_value")]) for row in rows]
    (tmp_path / "predictions").mkdir()
    (tmp_path / "predictions" / "algo-1.jsonl.out").write_text("".join(f"{value + 1000}\n" for value in truth))

    run("evaluate.py", blocks, "--algorithm", "knn", "--predictions", tmp_path / "predictions", "--output", tmp_path)

    found = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert found["metrics"]["mae"] == pytest.approx(1000)
    assert not (tmp_path / "package").exists()
    records = (blocks / "processing" / "records" / "algo-1.jsonl").read_text().splitlines()
    assert len(records) == len(truth)


def test_the_stages_are_packed_with_their_code(blocks, tmp_path):
    run("pack_stages.py", blocks, "--output", tmp_path)

    for stage, script in (("first", "features_stage.py"), ("last", "answer_stage.py")):
        with tarfile.open(tmp_path / stage / "model.tar.gz") as tar:
            assert {"features.json", f"code/{script}", "code/features/features.py"} <= set(tar.getnames())
