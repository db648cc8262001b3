"""The test rows of a split by time, in periods: a model that ages is seen to."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data.column_rules import Settings
from data.holdouts import HeldOut
from evaluation.over_time import periods
from evaluation.rows import Rows
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from report import page
from sample_evaluation import document
from spoilt import problems_of

DAYS = [f"2026-0{1 + at // 25}-{1 + at % 25:02}" for at in range(200)]
ACTUAL = np.arange(200.0) % 7
ERROR = np.repeat([0.1, 0.5, 2.0, 4.0], 50) * np.where(np.arange(200) % 2, 1, -1)
ROWS = Rows(ACTUAL, ACTUAL + ERROR, ACTUAL + ERROR)


def measured(tmp_path: Path, sensitive: bool = False, **split: Any) -> dict[str, Any]:
    lines = [f"{day},{actual}" for day, actual in zip(DAYS, ACTUAL, strict=True)]
    (tmp_path / "test.csv").write_text("\n".join(["day,y", *lines]) + "\n")
    data = {"missing": [], "columns": {}, "sensitive": sensitive}
    config = {"task": "regression", "data": data, "split": split}
    return periods.documents(config, HeldOut(tmp_path), ROWS, 7)


def test_a_model_that_ages_is_worse_from_period_to_period_with_intervals(tmp_path: Path) -> None:
    found = measured(tmp_path, by="day", periods=4)["periods"]

    assert [(one["from"], one["rows"]) for one in found] == [
        ("2026-01-01", 50), ("2026-03-01", 50), ("2026-05-01", 50), ("2026-07-01", 50),
    ]  # fmt: skip
    errors = [one["metrics"]["rmse"] for one in found]
    assert [error["value"] for error in errors] == pytest.approx([0.1, 0.5, 2.0, 4.0])
    assert all(error["low"] <= error["value"] + 1e-9 and error["value"] <= error["high"] + 1e-9 for error in errors)
    assert json.dumps(found, allow_nan=False)


def test_nothing_is_said_where_nobody_asks_and_no_moment_where_data_are_sensitive(tmp_path: Path) -> None:
    assert measured(tmp_path, by="day") == measured(tmp_path) == {}
    assert ["from" in one for one in measured(tmp_path, sensitive=True, by="day", periods=2)["periods"]] == [False] * 2


@given(arrays.arrays(float, st.integers(1, 60), elements=st.integers(0, 9)), st.integers(2, 6))
def test_every_row_is_in_one_period_beside_those_of_its_moment_and_after_older_ones(moments: Any, count: int) -> None:
    parted = list(periods.parts(moments, count))

    assert np.sum(parted, axis=0).tolist() == [1] * len(moments)
    assert len(parted) <= count
    ends = [(moments[part].min(), moments[part].max()) for part in parted]
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_the_report_shows_each_period_and_that_nothing_is_decided_by_it(tmp_path: Path) -> None:
    found = measured(tmp_path, by="day", periods=2)

    html = page.render(document(task="regression", **found))

    assert "<h2>Over time</h2>" in html
    assert "2026-05-01" in html
    assert "Nothing is decided by it." in html
    assert 'data-path="periods.1.metrics.rmse.value"' in html


def test_where_a_period_begins_at_a_time_of_day_that_stands_below_the_day(tmp_path: Path) -> None:
    found = measured(tmp_path, by="day", periods=2)["periods"]
    found[1]["from"] = "2026-05-01T12:30:00"

    html = page.render(document(task="regression", periods=found))

    assert '<span class="whole">2026-01-01</span></td>' in html
    assert '<span class="whole">2026-05-01</span><span class="range">12:30:00</span></td>' in html


def test_the_column_of_time_travels_with_the_test_rows_where_periods_are_asked_for() -> None:
    described = {
        "name": "m", "task": "regression", "algorithms": [{"name": "xgboost"}],
        "data": {"target": "y", "id": None, "missing": [], "without_target": "refuse", "columns": {"x": "number"},
                 "target_transform": "none"},
        "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": "", "by": "day"},
        "fairness": {"columns": ["sex"]},
    }  # fmt: skip

    assert Settings.parse(described).compared_by == ["sex"]
    assert Settings.parse(described, {"periods": 3}).compared_by == ["sex", "day"]


def test_periods_need_a_column_of_time(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, "grades", ("salt: grades}", "salt: grades, periods: 3}"))

    assert problem.where == "split.periods"
    assert "name the column of time: by: COLUMN" in str(problem)
