"""SageMaker's k-NN and linear learner: as configured and asked on AWS, as good as plain scikit-learn."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsRegressor

from localcloud.containers import images
from localcloud.containers.algorithms import knn, linear_hyperparameters, linear_learner
from localcloud.containers.algorithms.hyperparameters import UserError
from localcloud.containers.algorithms.predictions import AlgorithmModel
from localcloud.containers.serving.exchange import InferenceRequest

KNN = {"feature_dim": "4", "k": "5", "sample_size": "1000", "predictor_type": "regressor"}
LINEAR = {"feature_dim": "4", "predictor_type": "regressor", "mini_batch_size": "32", "epochs": "10"}


def rows(count: int, seed: int, *, classes: bool = False) -> Any:
    """Label first; four features of very different size, the third without effect."""
    chance = np.random.default_rng(seed)
    features = chance.normal(size=(count, 4)) * [1, 100, 5, 0.01] + [3, -50, 0, 1]
    label = 1000 + 20 * features[:, 0] - 0.3 * features[:, 1] + 500 * features[:, 3] + chance.normal(size=count) * 5
    return np.column_stack([(label > label.mean()).astype(int) if classes else label, features])


@pytest.fixture(autouse=True)
def log_to_here(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "algorithm")


def job(root: Path, content_type: str = "text/csv;label_size=1", **channels: Any) -> Path:
    for name, data in channels.items():
        folder = root / "input" / "data" / name
        folder.mkdir(parents=True)
        np.savetxt(folder / "rows.csv", data, delimiter=",")
    (root / "input" / "config").mkdir(parents=True)
    declared = {name: {"ContentType": content_type} for name in channels}
    (root / "input" / "config" / "inputdataconfig.json").write_text(json.dumps(declared))
    return root


def metrics(caplog: pytest.LogCaptureFixture, image: images.Image) -> dict[str, float]:
    text = [record.getMessage() for record in caplog.records]
    return {
        definition["Name"]: float(found[1])
        for definition in image.metrics
        for line in text
        if (found := re.search(definition["Regex"], line))
    }


def test_neighbours_predict_as_scikit_learn_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    train, test = rows(800, 1), rows(200, 2)
    plain = KNeighborsRegressor(5).fit(train[:, 1:], train[:, 0])
    expected = np.mean((plain.predict(test[:, 1:]) - test[:, 0]) ** 2)

    knn.train(job(tmp_path, train=train, test=test), KNN)

    assert metrics(caplog, images.KNN) == {"test:mse": pytest.approx(expected, rel=0.01)}


def test_the_linear_learner_predicts_as_scikit_learn_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    train, test = rows(800, 1), rows(200, 2)
    plain = LinearRegression().fit(train[:, 1:], train[:, 0]).predict(test[:, 1:])

    linear_learner.train(job(tmp_path, train=train, validation=test), LINEAR)

    found = metrics(caplog, images.LINEAR_LEARNER)
    assert found["validation:mse"] == pytest.approx(np.mean((plain - test[:, 0]) ** 2), rel=0.01)
    assert {"train:mse", "validation:absolute_loss", "validation:objective_loss", "train:progress"} <= set(found)


def test_two_classes_have_a_score_a_threshold_and_their_own_metrics(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train, test = rows(800, 1, classes=True), rows(300, 2, classes=True)
    scaled = (train[:, 1:] - train[:, 1:].mean(axis=0)) / train[:, 1:].std(axis=0)
    plain = LogisticRegression(C=1e6, max_iter=2000).fit(scaled, train[:, 0])
    said = plain.predict((test[:, 1:] - train[:, 1:].mean(axis=0)) / train[:, 1:].std(axis=0))

    linear_learner.train(
        job(tmp_path, train=train, validation=test, test=test), LINEAR | {"predictor_type": "binary_classifier"}
    )

    found = metrics(caplog, images.LINEAR_LEARNER)
    assert found["test:binary_classification_accuracy"] >= 0.99 * np.mean(said == test[:, 0])
    assert 0.95 < found["test:roc_auc_score"] <= 1


@pytest.mark.parametrize("loss", linear_hyperparameters.REGRESSION_LOSSES)
def test_every_loss_finds_the_line(tmp_path: Path, loss: str, caplog: pytest.LogCaptureFixture) -> None:
    linear_learner.train(job(tmp_path, train=rows(400, 1)), LINEAR | {"loss": loss})

    assert metrics(caplog, images.LINEAR_LEARNER)["train:mse"] < 40


@pytest.mark.parametrize(
    ("module", "given", "told"),
    [
        (knn, KNN | {"k": "0"}, "'0' is not valid for k"),
        (knn, {name: KNN[name] for name in ("k", "sample_size", "predictor_type")}, "'feature_dim' is a required"),
        (knn, KNN | {"leaf_size": "3"}, "'leaf_size' was unexpected"),
        (knn, KNN | {"dimension_reduction_type": "sign"}, "needs a dimension_reduction_target"),
        (linear_hyperparameters, LINEAR | {"loss": "logistic"}, "loss logistic does not go with predictor_type"),
        (linear_hyperparameters, LINEAR | {"wd": "-1"}, "'-1' is not valid for wd"),
        (linear_hyperparameters, LINEAR | {"predictor_type": "tree"}, "'tree' is not valid for predictor_type"),
    ],
)
def test_what_the_algorithm_does_not_take_is_refused_by_name(module: Any, given: dict[str, str], told: str) -> None:
    with pytest.raises(UserError, match=re.escape(told)):
        module.validate(given)


@pytest.mark.parametrize(
    ("channels", "content_type", "told"),
    [
        ({"train": rows(9, 1), "validation": rows(9, 2)}, "text/csv;label_size=1", "'validation' was unexpected"),
        ({"train": rows(9, 1)[:, :4]}, "text/csv;label_size=1", "feature dimension of the train channel is 3"),
        ({"train": rows(9, 1)}, "text/csv;label_size=0", "only text/csv;label_size=1 runs"),
        ({"train": rows(3, 1)}, "text/csv", "k is 5, but there are only 3"),
    ],
)
def test_data_that_does_not_fit_is_refused(
    tmp_path: Path, channels: dict[str, Any], content_type: str, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        knn.train(job(tmp_path, content_type, **channels), KNN)


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> AlgorithmModel:
    root = job(tmp_path_factory.mktemp("knn"), train=np.array([[1, 0.0], [2, 1.0], [3, 2.0], [4, 3.0]]))
    knn.train(root, {"feature_dim": "1", "k": "2", "sample_size": "9", "predictor_type": "regressor"})
    return AlgorithmModel(knn.Neighbours(root / "model"))


INSTANCES = {"instances": [{"features": [0.1]}, {"data": {"features": {"values": [2.9]}}}]}


@pytest.mark.parametrize(
    ("body", "kind", "accept", "answer"),
    [
        (b"0.1\n2.9\n", "text/csv", "text/csv", "1.5\n3.5\n"),
        (b"9,0.1\n", "text/csv; label_size=1", "", '{"predictions": [{"predicted_label": 1.5}]}'),
        (json.dumps(INSTANCES).encode(), "application/json", "application/jsonlines",
         '{"predicted_label": 1.5}\n{"predicted_label": 3.5}\n'),
        (b'{"features": [0.25]}\n', "application/jsonlines", "application/json; verbose=true",
         '{"predictions": [{"predicted_label": 1.5, "distances": [0.25, 0.75], "labels": [1.0, 2.0]}]}'),
    ],
)  # fmt: skip
def test_requests_and_answers_have_the_documented_forms(
    neighbours: AlgorithmModel, body: bytes, kind: str, accept: str, answer: str
) -> None:
    found = neighbours.invoke(InferenceRequest(body, kind, accept))

    assert (found.status, found.body.decode()) == (200, answer)


@pytest.mark.parametrize(
    ("body", "kind", "accept", "status"),
    [
        (b"1,2\n", "text/csv", "", 400), (b"a\n", "text/csv", "", 400), (b"{}", "application/json", "", 400),
        (b"1", "image/png", "", 415), (b"1", "text/csv", "image/png", 406),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_has_its_status(
    neighbours: AlgorithmModel, body: bytes, kind: str, accept: str, status: int
) -> None:
    assert neighbours.invoke(InferenceRequest(body, kind, accept)).status == status


def test_several_classes_are_answered_with_all_their_scores(tmp_path: Path) -> None:
    train = rows(600, 1)
    train[:, 0] = np.digitize(train[:, 0], np.quantile(train[:, 0], [0.33, 0.66]))
    linear_learner.train(
        job(tmp_path, train=train), LINEAR | {"predictor_type": "multiclass_classifier", "num_classes": "3"}
    )

    answer = linear_learner.load_line(tmp_path / "model").predict(train[:50, 1:])

    assert [sum(row["score"]) for row in answer] == pytest.approx([1.0] * 50)
    assert np.mean([row["predicted_label"] for row in answer] == train[:50, 0]) > 0.85
