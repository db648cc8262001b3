"""What `retrain check` says of regression, several algorithms and tuning: line, problem, remedy."""

import pytest
from spoilt import line_of, places, problems_of

MODEL = "california-housing"


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("max_depth: {min: 4, max: 10}", "max_depth: {min: 10, max: 4}", "algorithms[0].tuning.ranges.max_depth",
         "upside down: min 10 is not below max 4; swap them"),
        ("max_depth: {min: 4, max: 10}", "max_depth: {min: 4.5, max: 10}", "algorithms[0].tuning.ranges.max_depth",
         "whole numbers"),
        ("eta: {min: 0.03, max: 0.3, scale: logarithmic}", "eta: {min: 0.03, max: 3}",
         "algorithms[0].tuning.ranges.eta", "stay within at least 0 and at most 1"),
        ("k: {min: 2, max: 40}", "kk: {min: 2, max: 40}", "algorithms[1].tuning.ranges.kk", "did you mean 'k'?"),
        ("scale: logarithmic", "scale: log", "algorithms[0].tuning.ranges.eta.scale", "known here: auto"),
        ("metric: r2", "metric: accuracy", "gate[0].metric", "regression has no metric 'accuracy'"),
        ("metric: r2, at_least: 0.7", "metric: rmse, at_least: 5", "gate[0].at_least", "write at_most: 5"),
        ("metric: r2, at_least: 0.7", "metric: r2, at_least: 70", "gate[0].at_least", "R² is at most 1"),
        ("metric: r2, at_least: 0.7", "metric: mae, at_most: -1", "gate[0].at_most", "MAE is at least 0"),
        ("metric: r2, at_least", "metric: r2, at_most", "gate[0].at_most", "higher is better; write at_least: 0.7"),
        ("at_least: 0.7", "slice_limit: {limit: 7}", "gate[0].slice_limit.limit", "R² is at most 1"),
        ("at_least: 0.7", "not_worse_than_champion: {}", "gate[0].parameter", "a parameter overrides at_least or"),
        ("eval_metric: rmse", "eval_metric: rmsee", "algorithms[0].hyperparameters.eval_metric", "mean 'rmse'?"),
        ("eval_metric: rmse", "eval_metric: 'mae,rmse'", "algorithms[0].hyperparameters.eval_metric",
         "tuning cannot look at 'mae,rmse'; name one metric"),
        ("metric: rmse}", "metric: RMS}", "comparison.metric", "known here: rmse"),
        ("comparison: {metric: rmse}", "seeed: 1", "seeed", "unknown key"),
        ("reg:squarederror", "binary:logistic", "algorithms[0].hyperparameters.objective", "write objective: reg:"),
        ("tuning:\n      ranges:\n        k:", "tuning:\n      strategy: hyperband\n      ranges:\n        k:",
         "algorithms[1].tuning", "which knn is not; choose bayesian"),
        ("eta: 0.2", "k: 5", "algorithms[0].hyperparameters.k", "unknown key; known here: objective"),
        ("total_rooms: number", "total_rooms: {kind: nmber}", "data.columns.total_rooms.kind", "did you mean 'number'"),
        ("total_rooms: number", '"total_rooms ": number', "data.columns.total_rooms ", "write 'total_rooms'"),
        ("mode: append", "positive_label: a", "data.positive_label", "regression has no labels"),
        ("n_estimators: 200", "n_estimator: 200", "algorithms[2].hyperparameters.n_estimator",
         "did you mean 'n_estimators'?"),
    ],
)  # fmt: skip
def test_a_bad_model_file_is_told_line_problem_and_remedy(tmp_path, old, new, where, words):
    told = problems_of(tmp_path, MODEL, (old, new))

    assert places(told, words) == [(line_of(MODEL, old), where)], told


def test_several_algorithms_need_a_comparison(tmp_path):
    (problem,) = problems_of(tmp_path, MODEL, ("comparison: {metric: rmse}", ""))

    assert "add comparison" in problem.remedy


def test_nobody_may_look_at_validation_rows_that_are_not_there(tmp_path):
    told = problems_of(
        tmp_path,
        MODEL,
        ("train: 0.7, validation: 0.15", "train: 0.85, validation: 0"),
        ("num_round: 200", "num_round: 200\n      early_stopping_rounds: 9"),
    )

    assert {problem.where: problem.problem.partition(" validation rows")[0] for problem in told} == {
        "algorithms[0].hyperparameters.early_stopping_rounds": "it watches",
        "algorithms[0].tuning": "tuning looks at",
        "algorithms[1].name": "knn takes",
        "algorithms[1].tuning": "tuning looks at",
        "algorithms[2].name": "sklearn takes",
        "algorithms[2].tuning": "tuning looks at",
    }


def test_a_model_step_is_for_one_algorithm_without_ranges(tmp_path):
    (problem,) = problems_of(tmp_path, MODEL, ("comparison:", "create_model: true\ncomparison:"))

    assert "a Model step is made for one XGBoost without ranges" in problem.problem


def test_without_validation_rows_boosting_with_a_fixed_number_of_rounds_is_good(tmp_path):
    fixed = ("      early_stopping_rounds: 30\n", "")

    assert problems_of(tmp_path, "churn", ("train: 0.7, validation: 0.15", "train: 0.85, validation: 0"), fixed) == []
