"""The scripts as SageMaker runs them: each a process of its own, on a folder, with the container's own way to train."""

import csv
import io
import json
import os
import subprocess
import sys
import tarfile
import warnings

import numpy as np
import own_models
import pandas as pd
import pytest
import xgboost as xgb
from packing import tar_gz
from sklearn.metrics import roc_auc_score

from cli import demo_data
from cli.demo_data import customers
from pipelines.model import model_file, views
from pipelines.model.views import View


def run(script, base, *arguments):
    environment = {"PATH": os.environ["PATH"], "SAGEMAKER_BASE_DIR": str(base), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(model_file.SCRIPTS / script), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)


def prepare(base, content):
    (base / "processing" / "input" / "objects").mkdir(parents=True)
    (base / "processing" / "input" / "objects" / "data.csv").write_text(content)
    (base / "processing" / "config").mkdir()
    show(base, View.PREPARATION)
    return run("preprocess.py", base)


def show(base, view):
    """Give the next job its view of the model file, as its pipeline does."""
    content = views.content(view, own_models.load("churn"))
    (base / "processing" / "config" / "churn.json").write_bytes(content)


def train(base):
    """As the image does it in algorithm mode: same loader, same early stopping, the best trees only."""
    wanted = dict(own_models.load("churn")["algorithms"][0]["hyperparameters"])
    rounds, patience = wanted.pop("num_round"), wanted.pop("early_stopping_rounds")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = {
            name: xgb.DMatrix(f"{base}/processing/{name}?format=csv&label_column=0&delimiter=,")
            for name in ("train", "validation")
        }
    stop = xgb.callback.EarlyStopping(
        rounds=patience, metric_name=wanted["eval_metric"], data_name="validation", save_best=True
    )
    evals = [(data["train"], "train"), (data["validation"], "validation")]
    booster = xgb.train(wanted, data["train"], rounds, evals=evals, callbacks=[stop], verbose_eval=False)
    (base / "processing" / "model").mkdir(exist_ok=True)
    archive = tar_gz({"xgboost-model": bytes(booster.save_raw("ubj"))})
    (base / "processing" / "model" / "model.tar.gz").write_bytes(archive)


def read(base, name):
    return json.loads((base / "processing" / name / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def rows():
    return demo_data.generate("churn", 6000, 11)


@pytest.fixture(scope="module")
def done(tmp_path_factory, rows):
    base = tmp_path_factory.mktemp("ml")
    prepared = prepare(base, rows)
    assert prepared.returncode == 0, prepared.stderr
    train(base)
    show(base, View.EVALUATION)
    evaluated = run("evaluate.py", base, "--set", "AccuracyThreshold", "0.75")
    assert evaluated.returncode == 0, evaluated.stderr
    return base


def test_evaluating_reads_no_more_than_its_view(done, tmp_path):
    (tmp_path / "whole.json").write_text(json.dumps(own_models.load("churn")))
    given = ["--config", str(tmp_path / "whole.json"), "--output", str(tmp_path), "--set", "AccuracyThreshold", "0.75"]

    evaluated = run("evaluate.py", done, *given)

    assert evaluated.returncode == 0, evaluated.stderr
    found = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert found == read(done, "evaluation")
    assert (found["title"], found["owner"]) == ("Customer churn", "the retention team")


def plain_script(base, rows):
    """What one would write by hand, on the very same split: one-hot encoding, the same algorithm."""
    frame = pd.read_csv(io.StringIO(rows))
    frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce")
    held_out = frame["customerID"].isin(pd.read_csv(base / "processing" / "test" / "algo-1.csv")["customerID"])
    target = (frame["Churn"] == "Yes").to_numpy()
    inputs = pd.get_dummies(frame.drop(columns=["customerID", "Churn"]), dtype=float)
    settings = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.08, "subsample": 0.8, "seed": 7}
    booster = xgb.train(settings, xgb.DMatrix(inputs[~held_out], target[~held_out]), 60)
    return roc_auc_score(target[held_out], booster.predict(xgb.DMatrix(inputs[held_out])))


def test_quality_equals_that_of_a_plain_script_on_the_same_split(done, rows):
    found = read(done, "evaluation")["metrics"]["roc_auc"]

    assert found >= 0.80
    assert abs(found - plain_script(done, rows)) <= 0.01


def test_the_evaluation_says_what_is_known_about_the_model(done):
    found = read(done, "evaluation")
    published = found["binary_classification_metrics"]

    assert set(published) == {"accuracy", "precision", "recall", "f1", "auc"}
    assert all(0 < metric["standard_deviation"] < 0.1 for metric in published.values())
    assert published["auc"]["value"] == found["metrics"]["roc_auc"]
    assert found["verdict"] == {"outcome": "Passed", "passed": True, "reasons": []}
    assert sum(found["rows"].values()) == 6000
    assert found["gate"][0]["at_least"] == 0.75


def test_the_package_answers_what_verification_holds(done, tmp_path):
    expected = read(done, "verification")
    with tarfile.open(done / "processing" / "package" / "model.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    request = tmp_path / "request.csv"
    request.write_text("\n".join(expected["records"]))
    ask = ["inference.py", "--model", str(tmp_path), "--accept", "application/json", str(request)]

    answer = subprocess.run([sys.executable, *ask], cwd=tmp_path / "code",
                            env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True)  # fmt: skip

    assert json.loads(answer.stdout)["predictions"] == expected["predictions"]
    assert len(expected["records"]) == 20
    assert expected["columns"] == list(own_models.load("churn")["data"]["columns"])


def test_the_same_input_gives_the_same_bytes(done, rows, tmp_path):
    prepare(tmp_path, rows)
    train(tmp_path)
    show(tmp_path, View.EVALUATION)
    run("evaluate.py", tmp_path, "--set", "AccuracyThreshold", "0.75")

    made = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.name != "model"]
    files = [path.relative_to(tmp_path) for path in made]
    assert len(files) == 18
    assert [file for file in files if (tmp_path / file).read_bytes() != (done / file).read_bytes()] == []


def test_a_gate_that_cannot_pass_is_no_error(done, tmp_path):
    answer = run("evaluate.py", done, "--output", str(tmp_path), "--set", "AccuracyThreshold", "0.99")

    verdict = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())["verdict"]
    assert answer.returncode == 0
    assert verdict["outcome"] == "Rejected"
    assert "is below 0.99" in verdict["reasons"][0]


def test_what_the_algorithm_reads_has_the_width_of_the_features(done):
    with (done / "processing" / "train" / "algo-1.csv").open() as file:
        widths = {len(row) for row in csv.reader(file)}

    assert widths == {1 + len(read(done, "features")["columns"])}
    assert np.isin(np.loadtxt(done / "processing" / "train" / "algo-1.csv", delimiter=",", usecols=0), [0, 1]).all()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "objects/data.csv: the file is empty"),
        (customers.HEADER + "\n", "no rows below the header"),
        (demo_data.generate("churn", 50, 1).replace("Churn", "Left"), "no column 'Churn' (found 21 columns"),
        (demo_data.generate("churn", 200, 1).replace(",Yes\n", ",No\n"), "a model needs rows with both 'Yes' and 'No'"),
    ],
)
def test_bad_data_ends_with_one_sentence_where_sagemaker_looks(tmp_path, content, words):
    answer = prepare(tmp_path, content)

    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert words in answer.stderr
    assert (tmp_path / "output" / "message").read_text() == answer.stderr.strip()


def test_a_broken_model_is_told_so(done, tmp_path):
    (tmp_path / "model.tar.gz").write_bytes(b"not an archive")

    answer = run("evaluate.py", done, "--model", str(tmp_path), "--output", str(tmp_path))

    assert (answer.returncode, "Traceback" in answer.stderr) == (1, False)
    assert "not a readable model.tar.gz" in answer.stderr


@pytest.mark.parametrize("script", ["preprocess.py", "evaluate.py", "inference.py"])
def test_help_shows_how_to_run_on_a_folder(script, tmp_path):
    answer = run(script, tmp_path, "--help")

    assert answer.returncode == 0
    assert f"python processing_scripts/{script}" in answer.stdout
