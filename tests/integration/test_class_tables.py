"""Tables whose target is one of several classes, through the scripts as SageMaker runs them."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from artifact import archives
from artifact.packages import Package
from data.holdouts import HeldOut
from judged_tables import judged, model, numbers, prepare
from packing import tar_gz
from script_runs import run
from sklearn import metrics as reference
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

CLASSES = ("low", "middle", "high")
DATA = {"target": "grade", "classes": list(CLASSES), "columns": {"x": "number", "z": "number", "k": "category"}}
GATE = [{"metric": "macro_f1", "at_least": 0.5}, {"metric": "accuracy", "slice_limit": {"limit": 0.3, "rows": 30}}]


def graded(marks: Sequence[str] = CLASSES, rows: int = 1_500) -> list[list[Any]]:
    """Rows whose class ``z`` tells in part, ``k`` in part, and ``x`` not at all."""
    rng, table = random.Random(8), []
    for _ in range(rows):
        at = rng.randrange(len(marks))
        kind = "ab"[at % 2] if rng.random() < 0.8 else rng.choice("ab")
        table.append([round(rng.gauss(0, 1), 3), round(at + rng.gauss(0, 0.8), 3), kind, marks[at]])
    return table


HEADER = ["x", "z", "k", "grade"]


def test_a_model_of_classes_is_as_good_as_a_plain_script_on_the_same_rows(tmp_path: Path) -> None:
    wish = {"columns": ["k"], "limits": {"true_positive_rate": {"gap": 1}}}
    described = model("multiclass_classification", DATA, gate=GATE, slices=["k"], fairness=wish)
    document = judged(tmp_path, described, HEADER, graded())

    test = HeldOut(tmp_path / "processing" / "test")
    held_out = np.array([[float(x), float(z), "ab".index(k)] for x, z, k, _ in test.rows()])
    actual = np.array([CLASSES.index(row[-1]) for row in test.rows()])
    features, answers = numbers(tmp_path, "train")
    settings = {"objective": "multi:softprob", "num_class": 3, "max_depth": 4, "eta": 0.1, "seed": 7, "nthread": 1}
    plain = xgb.train(settings, xgb.DMatrix(features, answers), 40).predict(xgb.DMatrix(held_out))

    assert document["verdict"]["passed"]
    assert document["metrics"]["log_loss"] <= reference.log_loss(actual, plain) + 0.02
    assert document["metrics"]["accuracy"] >= reference.accuracy_score(actual, plain.argmax(axis=1)) - 0.02
    assert [line["column"] for line in document["importance"]] == ["z", "k", "x"]
    assert document["importance_by"] == "SHAP"
    assert np.sum(document["confusion_matrix"]["rows"]) == len(actual)
    assert {part["slice"] for part in document["slices"]} == {"a", "b"}
    assert [one.get("class") for one in document["fairness"]] == [None, *CLASSES]
    assert [line["class"] for line in document["gate"] if "group_gap" in line] == list(CLASSES)
    means = document["means"]
    assert means["predicted"] == pytest.approx(means["actual"], abs=0.08)


def test_the_package_answers_a_probability_for_each_class_and_the_likeliest(tmp_path: Path) -> None:
    judged(tmp_path, model("multiclass_classification", DATA), HEADER, graded())
    unpacked = tmp_path / "unpacked"
    archives.unpack(tmp_path / "processing" / "package" / "model.tar.gz", unpacked)

    package = Package(unpacked)
    *probabilities, label = package.answer("0,2.5,a", "text/csv", "text/csv").strip().split(",")

    assert sum(map(float, probabilities)) == pytest.approx(1, abs=1e-6)
    assert label == CLASSES[int(np.argmax(list(map(float, probabilities))))] == "high"
    assert '"probability_middle"' in package.answer("0,2.5,a", "text/csv", "application/json")


def test_classes_that_are_numbers_are_no_amounts(tmp_path: Path) -> None:
    marks = ("1", "2", "3", "4")

    document = judged(
        tmp_path, model("multiclass_classification", DATA | {"classes": list(marks)}), HEADER, graded(marks)
    )

    assert [one["class"] for one in document["classes"]] == list(marks)
    assert document["metrics"]["roc_auc_ovr"] > 0.75


def test_a_class_of_two_rows_and_one_of_none_are_doubted_and_the_others_learnt(tmp_path: Path) -> None:
    rows = [*graded(), [0.1, 5.0, "a", "huge"], [0.2, 5.1, "b", "huge"]]
    data = DATA | {"classes": [*CLASSES, "huge", "never"]}

    document = judged(tmp_path, model("multiclass_classification", data), HEADER, rows)

    found = {doubt["column"]: doubt["found"].partition(":")[0] for doubt in document["doubts"]}
    assert found == {"class 'huge'": "2 rows in all data", "class 'never'": "0 rows in all data"}
    assert document["metrics"]["roc_auc_ovr"] > 0.75
    report = (tmp_path / "processing" / "evaluation" / "report.html").read_text()
    assert "doubts about class" in report
    assert "Confusion matrix" in report


SCRIPTED = {
    "sklearn": ("train_sklearn.py", HistGradientBoostingClassifier(max_iter=60, early_stopping=False, random_state=0)),
    "forest": ("train_forest.py", RandomForestClassifier(60, min_samples_leaf=5, random_state=0)),
}
TASKS = {  # data, what the target says, and a metric with what it reaches
    "multiclass_classification": (DATA, CLASSES, "accuracy", 0.6),
    "binary_classification": (
        DATA | {"positive_label": "high", "negative_label": "low"}, ("low", "high"), "roc_auc", 0.8
    ),
    "regression": (DATA, ("1", "2", "3"), "r2", 0.4),
}  # fmt: skip


def scripted(base: Path, name: str, task: str) -> dict[str, Any]:
    """Preprocess, train in script mode, and evaluate."""
    data, marks, *_ = TASKS[task]
    algorithm = {"name": name, "hyperparameters": {"n_estimators": 60}}
    prepare(base, model(task, data) | {"algorithms": [algorithm]}, HEADER, graded(marks))
    (base / "processing" / "model").mkdir()
    given = {"regression": (), "binary_classification": ("--num_class", "2")}.get(task, ("--num_class", "3"))
    folders = [word for share in ("train", "validation") for word in (f"--{share}", str(base / "processing" / share))]
    leaf = ("--min_samples_leaf", "5") if name == "forest" else ()
    said = run(SCRIPTED[name][0], base, "--n_estimators", "60", *leaf, *given, *folders, "--model-dir", str(base))
    assert said.startswith("validation-rmse: " if task == "regression" else "validation-logloss: ")
    archive = tar_gz({"model.joblib": (base / "model.joblib").read_bytes()})
    (base / "processing" / "model" / "model.tar.gz").write_bytes(archive)
    run("evaluate.py", base)
    document: dict[str, Any] = json.loads((base / "processing" / "evaluation" / "evaluation.json").read_text())
    return document


@pytest.mark.parametrize("name", SCRIPTED)
@pytest.mark.parametrize("task", ["binary_classification", "regression"])
def test_scikit_learn_learns_labels_and_numbers_in_script_mode(name: str, task: str, tmp_path: Path) -> None:
    document = scripted(tmp_path, name, task)

    assert document["algorithm"] == name
    assert document["metrics"][TASKS[task][2]] > TASKS[task][3]
    assert (document["importance_by"], document["importance"][-1]["column"]) == ("shuffled", "x")


@pytest.mark.parametrize("name", SCRIPTED)
def test_scikit_learn_is_as_good_with_classes_as_a_plain_script_on_the_same_rows(name: str, tmp_path: Path) -> None:
    document = scripted(tmp_path, name, "multiclass_classification")

    test = HeldOut(tmp_path / "processing" / "test")
    held_out = np.array([[float(x), float(z), "ab".index(k)] for x, z, k, _ in test.rows()])
    actual = np.array([CLASSES.index(row[-1]) for row in test.rows()])
    plain = SCRIPTED[name][1].fit(*numbers(tmp_path, "train")).predict_proba(held_out)

    assert document["metrics"]["accuracy"] >= reference.accuracy_score(actual, plain.argmax(axis=1)) - 0.02
    assert document["metrics"]["log_loss"] <= reference.log_loss(actual, plain) + 0.05
