"""A target of several classes: read, answered, measured, compared and explained."""

import math
from pathlib import Path
from typing import Any

import answer_stage
import numpy as np
import own_models
import pytest
import sample_evaluation
from app.decide.run_plans import reason_unusable
from app.decide.uploads.file_checks import Problem, check_file
from app.decide.uploads.message_text import named
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import rows_with_scores
from artifact.answers import ClassesAnswer, answer_from
from evaluation import comparison, curves, metrics
from evaluation.classes import quality
from evaluation.classes.doubts import of_classes
from evaluation.rows import Floats, Rows, order_of
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused
from report import page
from sklearn import metrics as reference
from spoilt import places, problems_of

from cli.stack.rows import predictions
from localcloud.containers.algorithms import linear_learner
from localcloud.containers.algorithms.linear_hyperparameters import validate
from pipelines.definition import algorithms
from pipelines.model import model_file

GRADES = ClassesAnswer(("low", "middle", "high"))
DATA = Data("grade", "", GRADES.classes, (), ("x", "grade"), True)


def drawn(rows: int = 400, classes: int = 3, seed: int = 1) -> Rows:
    """Rows whose probabilities are right, drawn of a model that knows something."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(0, 1.2, (rows, classes))
    score = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    actual = (rng.random(rows)[:, None] > score.cumsum(axis=1)).sum(axis=1).clip(0, classes - 1).astype(float)
    return Rows(actual, score.argmax(axis=1).astype(float), score)


def test_a_class_that_no_row_has_does_not_count_in_means() -> None:
    rows = drawn(classes=3)
    wider = Rows(rows.actual, rows.predicted, np.column_stack([rows.score, np.zeros(len(rows))]))

    three, four = (metrics.unweighted(metrics.MULTICLASS, some) for some in (rows, wider))

    assert four == pytest.approx(three)
    assert all(map(math.isfinite, metrics.deviations(metrics.MULTICLASS, wider).values()))


def test_what_is_the_same_in_two_tasks_has_one_range_and_direction() -> None:
    by_name: dict[str, set[tuple[Any, ...]]] = {}
    for metric in metrics.METRICS:
        kept = (metric.label, metric.lower_is_better, metric.low, metric.high)
        by_name.setdefault(metric.name, set()).add(kept)

    assert {name for name, kept in by_name.items() if len(kept) > 1} == set()


def test_a_response_names_each_class_and_the_likeliest() -> None:
    answer = GRADES.response_fields(np.array([0.2, 0.1, 0.7], np.float32))

    assert answer == {"probability_low": 0.2, "probability_middle": 0.1, "probability_high": 0.7, "label": "high"}
    assert GRADES.read(["0.2", "0.1", "0.7", "high"]) == answer
    assert GRADES.scores(["0.2", "0.1", "0.7", "high"]) == [0.2, 0.1, 0.7]
    assert answer_from(GRADES.document()) == GRADES


def test_a_class_that_was_never_learnt_from_has_no_probability() -> None:
    assert GRADES.response_fields(np.array([0.3, 0.7], np.float32))["probability_high"] == 0.0


def test_an_algorithm_without_probabilities_answers_the_label_alone() -> None:
    assert GRADES.response_fields(1.0) == {"label": "middle"} == GRADES.read(["middle"])
    assert all(map(math.isnan, GRADES.scores(["middle"])))


def test_what_is_no_class_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused, match="'extra' is none of 'low', 'middle', 'high'") as refused:
        GRADES.encode("extra")

    assert "extra" not in refused.value.untold
    assert [GRADES.text(GRADES.encode(name)) for name in GRADES.classes] == list(GRADES.classes)


def test_labels_without_probabilities_have_a_confusion_matrix_and_no_curves() -> None:
    rows = Rows(np.array([0.0, 1, 2, 2]), np.array([0.0, 1, 2, 1]), np.full((4, 3), math.nan))

    measured = metrics.unweighted(metrics.MULTICLASS, rows)

    assert (measured["accuracy"], measured["macro_f1"]) == (0.75, pytest.approx((1 + 2 / 3 + 2 / 3) / 3))
    assert math.isnan(measured["log_loss"])
    assert math.isnan(measured["roc_auc_ovr"])
    assert curves.of_task(metrics.MULTICLASS, rows) == {}
    document = quality.document(rows, GRADES.classes)
    assert document["confusion_matrix"]["rows"] == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]


def test_each_class_is_measured_against_the_rest() -> None:
    rows = drawn()

    document = quality.document(rows, GRADES.classes)

    precision, recall, f1, _ = reference.precision_recall_fscore_support(rows.actual, rows.predicted)
    for number, one in enumerate(document["classes"]):
        assert one["metrics"]["precision"] == pytest.approx(precision[number])
        assert one["metrics"]["recall"] == pytest.approx(recall[number])
        assert one["metrics"]["f1"] == pytest.approx(f1[number])
        assert one["rows"] == int((rows.actual == number).sum())
    assert all("accuracy" not in one["metrics"] for one in document["classes"])
    assert document["confusion_matrix"]["rows"] == reference.confusion_matrix(rows.actual, rows.predicted).tolist()


def test_records_to_verify_are_of_every_label() -> None:
    rows = drawn()
    order = order_of(rows)

    assert np.all(np.diff(rows.predicted[order]) >= 0)
    assert set(rows.predicted[order[np.linspace(0, len(rows) - 1, 20).astype(int)]]) == {0.0, 1.0, 2.0}


@given(st.permutations(GRADES.classes))
def test_a_champions_classes_may_stand_in_another_order(classes: list[str]) -> None:
    lines = tuple((*map(str, 0.1 * np.arange(3)), name) for name in GRADES.classes)
    answer = {"task": GRADES.task, "classes": classes, "target": "grade"}
    champion = comparison.Champion("scored", 1, lines=lines, answer=answer)
    actual: Floats = np.zeros(3)

    assert comparison.means_otherwise(champion, GRADES.document(), "grade") == ""
    rows = comparison.rows_of_classes(champion, actual, GRADES.classes)

    assert rows.predicted.tolist() == [0, 1, 2]
    assert rows.score[0].tolist() == pytest.approx([0.1 * classes.index(name) for name in GRADES.classes])


def test_a_champion_of_other_classes_is_incomparable_and_said() -> None:
    answer = {"task": GRADES.task, "classes": ["high", "low"], "target": "grade"}
    champion = comparison.Champion("scored", 1, answer=answer)

    why = comparison.means_otherwise(champion, GRADES.document(), "grade")

    assert why == "its labels are 'high' and 'low', and this model's 'high' and 'low' and 'middle'"


def test_a_class_that_is_never_said_and_one_of_few_rows_are_doubted() -> None:
    rows = Rows(np.array([0.0, 1, 2] * 20), np.array([0.0, 1, 1] * 20), np.zeros((60, 3)))
    levels = {"low": 200, "middle": 2, "high": 200}

    few, unsaid = of_classes(rows, GRADES.classes, {"columns": {"grade": {"levels": levels}}}, "grade")

    assert (few["column"], few["found"].partition(":")[0]) == ("class 'middle'", "2 rows in all data")
    assert (unsaid["column"], unsaid["expected"]) == ("class 'high'", "33.3% of the rows, as they are")
    absent = of_classes(rows, GRADES.classes, {"columns": {"grade": {"levels": {"low": 200, "high": 200}}}}, "grade")
    assert next(absent)["found"].startswith("0 rows in all data")


GRADED = {
    "name": "grades", "task": "multiclass_classification",
    "data": {"target": "grade", "classes": list(GRADES.classes), "columns": {"x": "number"}},
}  # fmt: skip


def test_an_upload_with_a_new_class_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Problem) as refused:
        check_file([b"x,grade\n1,low\n2,extra\n"], DATA, "models/grades.yaml")

    assert refused.value.message("may.csv") == (
        "may.csv: line 3 says 'extra' in column 'grade', known are 'low', 'middle' and 'high'; "
        "the labels are named in models/grades.yaml"
    )


def test_an_upload_without_a_class_is_good_and_all_files_of_one_class_are_not() -> None:
    two, one = (check_file([text], DATA, "m") for text in (b"x,grade\n1,low\n2,high\n", b"x,grade\n1,low\n2,low\n"))
    files = [{"rows": 2, "complete": True, "classes": dict(checked.classes)} for checked in (two, one)]

    assert reason_unusable(DATA, files) == ""
    assert reason_unusable(DATA, files[1:]) == (
        "all 2 rows say 'low' in column 'grade'; upload rows that say 'middle' or 'high' too"
    )


def test_of_many_classes_a_message_names_some() -> None:
    assert named([str(number) for number in range(9)]) == "'0', '1', '2', '3', '4', '5' and 3 others"
    assert (named(["a"]), named(["a", "b"]), named(["a", "b"], last="or")) == ("'a'", "'a' and 'b'", "'a' or 'b'")


@pytest.mark.parametrize(
    ("prediction", "columns"),
    [
        (
            "0.2,0.1,0.7,high",
            ["predicted_probability_low", "predicted_probability_middle", "predicted_probability_high"],
        ),
        ("high", []),
    ],
)
def test_a_scored_file_has_a_column_for_each_class(prediction: str, columns: list[str]) -> None:
    header, row = rows_with_scores([b"x\n1\n"], [prediction], DATA)

    assert header.strip().split(",") == ["x", *columns, "predicted_label"]
    assert row.strip() == f"1,{prediction}"


def test_a_prediction_is_shown_with_its_classes() -> None:
    answer = GRADES.response_fields(np.array([0.2, 0.1, 0.7], np.float32))

    assert predictions.render_text(answer) == "high  (low 0.2000, middle 0.1000, high 0.7000)"


def test_xgboost_is_told_how_many_classes_there_are() -> None:
    assert algorithms.of_task("xgboost", GRADED) == {"num_class": "3"}
    assert algorithms.of_task("xgboost", {"task": "regression"}) == {}


@pytest.mark.parametrize(
    ("name", "task", "told"),
    [
        ("sklearn", "multiclass_classification", {"num_class": "3"}),
        ("forest", "binary_classification", {"num_class": "2"}),
        ("forest", "regression", {}),
        ("knn", "multiclass_classification", {"predictor_type": "classifier"}),
        ("knn", "regression", {"predictor_type": "regressor"}),
        ("linear-learner", "multiclass_classification",
         {"predictor_type": "multiclass_classifier", "num_classes": "3"}),
        ("linear-learner", "regression", {"predictor_type": "regressor"}),
    ],
)  # fmt: skip
def test_an_algorithm_is_told_what_its_task_is(name: str, task: str, told: dict[str, str]) -> None:
    assert algorithms.of_task(name, GRADED | {"task": task}) == told


@pytest.mark.parametrize(
    ("name", "looked_at"),
    [("knn", ("test:accuracy", "Maximize")), ("forest", ("validation:logloss", "Minimize"))],
)
def test_a_search_of_classes_looks_at_what_the_algorithm_measures(name: str, looked_at: tuple[str, str]) -> None:
    assert algorithms.ALGORITHMS[name].objective({}, "multiclass_classification") == looked_at


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ('{"predictions": [{"score": [0.2, 0.1, 0.7], "predicted_label": 2}]}', "application/json"),
        ('{"score": [0.2, 0.1, 0.7], "predicted_label": 2}', "application/jsonlines"),
        ("0.2,0.1,0.7,2", "text/csv"),
    ],
)
def test_the_last_container_reads_the_linear_learners_classes(body: str, media: str) -> None:
    (scores,) = answer_stage.predictions(body, media)

    assert GRADES.response_fields(scores)["label"] == "high"
    assert GRADES.response_fields(scores)["probability_low"] == 0.2


def test_the_last_container_reads_k_nns_label() -> None:
    (label,) = answer_stage.predictions('{"predictions": [{"predicted_label": 1.0}]}', "application/json")

    assert GRADES.response_fields(label) == {"label": "middle"}


@pytest.mark.parametrize("seen", [(0, 1, 2), (0, 2)])
def test_the_stand_in_for_the_linear_learner_knows_classes_that_no_row_has(seen: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    labels = rng.choice(seen, 300).astype(float)
    features = np.column_stack([labels + rng.normal(0, 0.3, 300), rng.normal(size=300)])
    settings = validate({"predictor_type": "multiclass_classifier", "num_classes": "3"})

    line, _ = linear_learner.fit(settings, features, labels)

    scores = line.score(features)
    assert scores.shape == (300, 3)
    assert scores.sum(axis=1) == pytest.approx(np.ones(300))
    assert set(scores.argmax(axis=1)) == set(seen)
    assert reference.accuracy_score(labels, scores.argmax(axis=1)) > 0.85


def test_knn_is_refused_where_probabilities_are_judged(tmp_path: Path) -> None:
    several = (
        "  - name: knn\n    hyperparameters: {k: 9, sample_size: 2000}\n"
        "  - name: linear-learner\n    hyperparameters: {loss: squared_loss}\n\n"
        "comparison: {metric: roc_auc_ovr}\n\ngate:"
    )
    told = problems_of(tmp_path, "grades", ("\ngate:", several))

    assert [(problem.where, problem.problem) for problem in told] == [
        ("algorithms[2].hyperparameters.loss", "squared_loss is not of several classes"),
        ("comparison.metric", "knn answers classes without probabilities, so roc_auc_ovr is not defined"),
        ("gate[1].metric", "knn answers classes without probabilities, so log_loss is not defined"),
    ]


def test_the_tests_model_of_classes_is_good() -> None:
    assert model_file.problems(own_models.path_of("grades")) == []


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("  classes: [low, middle, high]\n", "", "data", "no 'classes'; add it"),
        ("[low, middle, high]", "[low, high]", "data.classes", "2 are no several classes; write positive_label:"),
        ("[low, middle, high]", "[low, middle, 3]", "data.classes[2]", "3 is not text; put it in quotes"),
        ("[low, middle, high]", f"{[str(n) for n in range(81)]}", "data.classes", "81 are in the list; name at most"),
        ("[low, middle, high]", '[low, middle, " high"]', "data.classes[2]", "write 'high'"),
        ("id: piece", "missing: [low]", "data.classes[0]", "'low' is a mark for a missing value too"),
        ("id: piece", "positive_label: high", "data.positive_label", "classes, none of which is the positive one"),
        ("id: piece", "threshold: 0.4", "data.threshold", "the likeliest is the answer"),
        ("id: piece", "target_transform: log", "data.target_transform", "labels have no logarithm"),
        ("slices: [k]", "calibrate: platt", "calibrate", "has no two labels to decide between"),
        ("multi:softprob", "binary:logistic", "algorithms[0].hyperparameters.objective", "write objective: multi:soft"),
        ("eval_metric: mlogloss", "eval_metric: logloss", "algorithms[0].hyperparameters.eval_metric",
         "did you mean 'mlogloss'?"),
        ("seed: 7", "scale_pos_weight: 3", "algorithms[0].hyperparameters.scale_pos_weight", "is of two labels"),
        ("metric: macro_f1", "metric: f1", "gate[0].metric", "multiclass_classification has no metric 'f1'"),
        ("task: multiclass_classification", "task: regression", "data.classes", "regression has no list of classes"),
    ],
)  # fmt: skip
def test_a_bad_model_file_of_classes_is_told_line_problem_and_remedy(
    tmp_path: Path, old: str, new: str, where: str, words: str
) -> None:
    told = problems_of(tmp_path, "grades", (old, new))

    assert [place for _, place in places(told, words)] == [where], told


def evaluated(classes: int, **changes: Any) -> dict[str, Any]:
    """An evaluation.json of several classes, as far as the report reads it."""
    rows, names = drawn(classes=classes), [f"<b>{number}</b>" for number in range(classes)]
    measured = metrics.unweighted(metrics.MULTICLASS, rows)
    cut = {"column": "k", "slice": "a", "rows": 400, "small": False, "metrics": measured}
    return sample_evaluation.document(
        task=metrics.MULTICLASS, metrics=measured, metric_details={}, confusion=None, champion={"status": "none"},
        curves=curves.of_task(metrics.MULTICLASS, rows), slices=[cut], gate=[], **quality.document(rows, names),
        **changes,
    )  # fmt: skip


@pytest.mark.parametrize("classes", [3, 12])
def test_the_report_has_the_matrix_and_each_class_as_text(classes: int) -> None:
    document = evaluated(classes)

    html = page.render(document)

    for row in range(classes):
        for column in range(classes):
            count = document["confusion_matrix"]["rows"][row][column]
            assert f'<data value="{count}" data-path="confusion_matrix.rows.{row}.{column}">{count}</data>' in html
        assert f'data-path="classes.{row}.metrics.recall"' in html
    assert "&lt;b&gt;0&lt;/b&gt;" in html
    assert "<b>0</b>" not in html
    assert html.count("<th>accuracy</th>") == 1  # of slices
    assert "observed frequency" in html
