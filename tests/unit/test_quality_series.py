"""What serves, on rows that were new to it: a run's measurements as windows, a series of them, and what people read."""

from typing import Any

import pytest
from app.decide.names.statuses import RunStatus
from app.decide.notifications import approval_notice
from app.decide.pages.links import DecisionLink
from app.decide.pages.questions import question
from app.decide.records import RunRecord
from app.decide.run_plans import verdict
from app.decide.watching.measured import windows_of
from app.decide.watching.quality_views import quality_view
from app.decide.watching.series import by_day, interval_text, story
from app.decide.watching.windows import WatchedWindow
from app.errors import BadMessage

from cli.show.quality_report import NOTHING, QualityReport, charts, render_text

LABELS = {"roc_auc": "ROC-AUC", "brier": "Brier score"}


def measured(day: int, value: float | None, rows: int = 300, **more: Any) -> dict[str, Any]:
    """A window as evaluation.json has it."""
    metric = {
        "value": value,
        "low": None if value is None else value - 0.02,
        "high": None if value is None else value + 0.02,
    }
    other = {"value": 0.15, "low": 0.14, "high": 0.17}
    at = f"2026-05-{day:02d}T08:00:00.000Z"
    return {
        "id": f"upload-{day}", "start": at, "end": at, "uploads": [f"incoming/churn/{day}.csv"], "of": 1, "rows": rows,
        "metrics": {"roc_auc": metric, "brier": other}, "mean_predicted": 0.26, "mean_actual": 0.3,
        "slices": [{"column": "Contract", "slice": "Weekly", "rows": 60, "value": 0.5}],
    } | more  # fmt: skip


def evaluation(*windows: dict[str, Any], version: int = 3) -> dict[str, Any]:
    serving = {"version": version, "metric": "roc_auc", "labels": LABELS, "lower_is_better": ["brier"]}
    return {"serving": serving | {"windows": list(windows)}}


def series(*values: float, rows: int = 300) -> list[WatchedWindow]:
    """Windows of consecutive days, newest first."""
    found = windows_of("churn", evaluation(*(measured(day, value, rows) for day, value in enumerate(values, 1))))
    return list(found)[::-1]


def test_what_a_run_measured_is_a_window_by_upload_and_version() -> None:
    (window,) = windows_of("churn", evaluation(measured(1, 0.84)))

    assert (window.id, window.kind, window.source, window.version) == ("upload-1#v3", "quality", "uploads", 3)
    assert (window.metric, window.value, window.low, window.high, window.rows) == ("roc_auc", 0.84, 0.82, 0.86, 300)
    assert window.details["slices"] == [{"column": "Contract", "slice": "Weekly", "rows": 60, "value": 0.5}]
    assert (window.details["mean_predicted"], window.details["mean_actual"]) == (0.26, 0.3)
    assert WatchedWindow.parse(window.document()) == window


def test_a_metric_that_is_not_defined_makes_no_window_and_no_release_before_has_any() -> None:
    assert list(windows_of("churn", evaluation(measured(1, None)))) == []
    assert list(windows_of("churn", {"metrics": {}})) == []


def test_what_is_no_window_is_refused() -> None:
    with pytest.raises(BadMessage):
        list(windows_of("churn", evaluation(measured(1, 0.8, start="in May"))))


def test_names_from_outside_are_made_visible() -> None:
    (window,) = windows_of("churn", evaluation(measured(1, 0.84, uploads=["incoming/a\nb.csv"])))

    assert window.details["uploads"] == ["incoming/a\\nb.csv"]


def test_a_window_is_told_by_any_metric_that_was_measured_on_its_rows() -> None:
    (window,) = series(0.84)

    brier = window.of_metric("brier")

    assert brier
    assert (brier.metric, brier.value, brier.low, brier.high) == ("brier", 0.15, 0.14, 0.17)
    assert (brier.label, brier.lower_is_better) == ("Brier score", True)
    assert (window.label, window.lower_is_better) == ("ROC-AUC", False)
    assert window.of_metric("roc_auc") == window
    assert window.of_metric("rmse") is None


def test_windows_of_a_day_are_their_mean_by_rows() -> None:
    one, other = series(0.8, 0.9)
    same_day = [one._replace(end=other.end, rows=100), other, *series(0.7)]
    later = series(0.6)[0]._replace(end="2026-05-09T00:00:00.000Z")

    first, second = by_day([*same_day[:2], later])

    assert (first.rows, first.details["of"]) == (400, 2)
    assert first.value == pytest.approx((0.9 * 100 + 0.8 * 300) / 400)
    assert first.low == pytest.approx(first.value - ((100 * 0.02) ** 2 + (300 * 0.02) ** 2) ** 0.5 / 400)
    assert first.details["mean_predicted"] == pytest.approx(0.26)
    assert second == later


def test_a_day_whose_windows_have_no_interval_has_none() -> None:
    one = series(0.8)[0]._replace(low=None, high=None)

    (day,) = by_day([one, series(0.9)[0]])

    assert (day.low, day.high) == (None, None)
    assert interval_text(day) == "0.8500"


def test_a_fall_is_told_with_the_first_and_the_newest() -> None:
    assert story(series(0.846, 0.83, 0.79)) == (
        "What serves, version 3, has fallen on rows that were new to it: from ROC-AUC 0.8460 on 300 rows of 2026-05-01"
        " to ROC-AUC 0.7900 (0.7700 to 0.8100) on 300 rows of 2026-05-03."
    )


def test_what_may_be_chance_is_no_fall_and_neither_is_what_another_version_did() -> None:
    chance, better = story(series(0.82, 0.81)), story(series(0.79, 0.84))
    newest, oldest = series(0.84, 0.79)
    another = story([newest, oldest._replace(version=2)])

    for told in (chance, better, another):
        assert told.startswith("What serves, version 3, answered rows that were new to it with ROC-AUC 0.")
    assert story([]) == ""


def test_of_an_error_the_greater_is_the_worse() -> None:
    windows = [window._replace(metric="brier") for window in series(0.1, 0.3)]

    assert "has fallen on rows that were new to it: from Brier score 0.1000" in story(windows)


def test_the_table_has_a_row_and_a_line_of_chart_for_each_window() -> None:
    windows = series(0.846, 0.79)[::-1]
    text = render_text(QualityReport("churn", story(windows[::-1]), [window.document() for window in windows]))

    heading, first, second = text.splitlines()[2:5]
    assert heading.split() == ["day", "rows", "version", "ROC-AUC", "(95%", "interval)", "predicted", "true", "uploads"]
    assert first.startswith("2026-05-01   300        3  0.8460 (0.8260 to 0.8660)     0.2600  0.3000  1.csv")
    assert second.split("2.csv")[1].strip().startswith("─")
    assert text.endswith("ROC-AUC: higher is better.")


def test_charts_are_on_one_scale_also_where_nothing_differs() -> None:
    low, high = charts(series(0.9, 0.7)[::-1])
    (alone,) = charts([series(0.9)[0]._replace(low=None, high=None)])

    assert low.index("●") > high.index("●")
    assert (len(low), low[-1], high[0]) == (24, "─", "─")
    assert alone.startswith("●")


def test_without_a_window_the_way_to_one_is_told() -> None:
    assert render_text(QualityReport("churn", "")) == NOTHING.format(model="churn")


def test_a_models_page_has_a_sentence_and_a_line_over_uploads() -> None:
    view = quality_view(series(0.846, 0.79))

    assert view
    assert view.line
    assert view.story == story(series(0.846, 0.79))
    assert (view.line.first_text, view.line.last_text) == ("0.8460", "0.7900")
    assert view.line.words == "ROC-AUC: 2026-05-01 version 3 0.8460, 2026-05-02 version 3 0.7900"


def test_one_window_is_no_line_and_none_is_no_view() -> None:
    alone = quality_view(series(0.846))

    assert quality_view([]) is None
    assert alone
    assert alone.line is None


def test_the_mail_that_asks_for_approval_says_how_what_serves_does() -> None:
    kept = verdict(evaluation(measured(1, 0.846), measured(2, 0.79)) | {"verdict": {"passed": True}})

    mail = approval_notice("churn", "churn-1-a", 4, "arn:package/4", kept, 604_800, ()).text

    assert "What serves, version 3, has fallen on rows that were new to it: from ROC-AUC 0.8460 on 300 rows" in mail


def test_the_page_to_decide_on_says_how_what_serves_does() -> None:
    kept = verdict(evaluation(measured(2, 0.79)) | {"verdict": {"passed": True}})
    record = RunRecord("churn-1-a", "churn", RunStatus.AWAITING_APPROVAL, "arn", verdict=kept)
    link = DecisionLink("churn", 4, "churn-1-a", "2026-05-09T00:00:00.000Z")

    asked = question(link, record, 3).serving

    assert asked.startswith("Version 3 serves now. What serves, version 3, answered rows that were new to it with ROC-")
