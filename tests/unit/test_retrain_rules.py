"""What `retrain check` says of a model file's retraining policy: line, problem, remedy."""

import pytest
from spoilt import places, problems_of, spoilt

from pipelines.model import model_file

GATE = "gate:\n"
WHOLE = """retrain:
  on_upload: when_due
  schedule: {expression: "cron(0 6 ? * MON *)", timezone: Europe/Berlin}
  on_drift: {columns: 2, least_rows: 1000, windows: 2 of 5}
  on_quality: {metric: roc_auc, worse_by: 0.03, windows: 2 of 5}
  cooldown: 2d
  at_most: {runs: 4, days: 30}
  budget: 50
  mode: ask
"""


def policy(text: str) -> tuple[str, str]:
    return GATE, text + GATE


def test_a_policy_with_every_member_is_taken(tmp_path) -> None:
    path = spoilt(tmp_path, "churn", policy(WHOLE))

    loaded = model_file.load(path)["retrain"]

    assert (loaded["mode"], loaded["on_drift"]["least_rows"], loaded["schedule"]["timezone"]) == (
        "ask", 1000, "Europe/Berlin",
    )  # fmt: skip


def test_a_model_file_without_a_policy_gets_none(tmp_path) -> None:
    assert "retrain" not in model_file.load(spoilt(tmp_path, "churn"))


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("when_due", "when-due", "retrain.on_upload", "did you mean 'when_due'?"),
        ("cron(0 6 ? * MON *)", "at noon", "retrain.schedule.expression", "has the wrong form"),
        ("cron(0 6 ? * MON *)", "cron(0 6 * * MON *)", "retrain.schedule.expression", "? in exactly one of"),
        ("cron(0 6 ? * MON *)", "rate(1 days)", "retrain.schedule.expression", "write rate(1 day)"),
        ("Europe/Berlin", "Europe/Berln", "retrain.schedule.timezone", "did you mean 'Europe/Berlin'?"),
        ("columns: 2", "columns: 0", "retrain.on_drift.columns", "choose a value at least 1"),
        ("least_rows: 1000", "least_rows: 3", "retrain.on_drift.least_rows", "at least 100"),
        ("worse_by: 0.03, windows: 2 of 5", "worse_by: 0.03, windows: 5 of 2", "retrain.on_quality.windows",
         "write 2 of 5"),
        ("worse_by: 0.03, windows: 2 of 5", "worse_by: 0.03, windows: twice", "retrain.on_quality.windows",
         "has the wrong form"),
        ("metric: roc_auc", "metric: rmse", "retrain.on_quality.metric", "binary_classification has no metric 'rmse'"),
        ("worse_by: 0.03, ", "", "retrain.on_quality", "write exactly one of them"),
        ("worse_by: 0.03", "worse_by: 0.03, below: 0.8", "retrain.on_quality", "write exactly one of them"),
        ("worse_by: 0.03", "above: 0.8", "retrain.on_quality.above", "higher is better; write below: 0.8"),
        ("worse_by: 0.03", "below: 80", "retrain.on_quality.below", "ROC-AUC is at least 0 and at most 1"),
        ("metric: roc_auc, worse_by: 0.03", "metric: brier, below: 0.2", "retrain.on_quality.below",
         "lower is better; write above: 0.2"),
        ("cooldown: 2d", "cooldown: two days", "retrain.cooldown", "has the wrong form"),
        ("cooldown: 2d", "cooldown: 8d", "retrain.at_most", "remove it, or shorten the cooldown"),
        ("runs: 4", "runs: 0", "retrain.at_most.runs", "choose a value at least 1"),
        ("budget: 50", "budget: 0", "retrain.budget", "choose a value above 0"),
        ("mode: ask", "mode: tell", "retrain.mode", "is not known"),
        ("mode: ask", "shadow: true", "retrain.shadow", "unknown key"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_followed_is_told_problem_and_remedy(tmp_path, old, new, where, words) -> None:
    told = problems_of(tmp_path, "churn", policy(WHOLE.replace(old, new, 1)))

    assert [place for _, place in places(told, words)] == [where], told


def test_uploads_that_nothing_makes_due_are_told(tmp_path) -> None:
    told = problems_of(tmp_path, "churn", policy("retrain: {on_upload: when_due}\n"))

    assert places(told, "nothing would ever make uploads due")


@pytest.mark.parametrize("more", ["", ", on_drift: {}"], ids=["alone", "beside drift"])
def test_quality_makes_uploads_due_as_what_serves_is_measured_on_them_first(tmp_path, more) -> None:
    quality = "on_quality: {metric: roc_auc, below: 0.8, windows: 1 of 1}, cooldown: 1d"

    assert not problems_of(tmp_path, "churn", policy(f"retrain: {{on_upload: when_due, {quality}{more}}}\n"))


def test_a_drift_that_would_begin_one_run_after_another_is_told(tmp_path) -> None:
    told = problems_of(tmp_path, "churn", policy("retrain: {on_drift: {}}\n"))

    assert places(told, "add cooldown or at_most, or write mode: ask")


def test_a_budget_of_a_model_that_may_tune_is_told(tmp_path) -> None:
    told = problems_of(tmp_path, "california-housing", policy("retrain: {budget: 50}\n"))

    assert places(told, "what tuning xgboost costs is not counted")
