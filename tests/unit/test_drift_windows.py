"""A drift window tells which columns differ from what the serving version learnt from, and by what."""

from typing import Any

import numpy as np
from app.decide.watching.drift import Rows, drift_window

LEVELS = {"kind": "category", "rows": 10_000, "missing": 0, "levels": {"a": 9_500, "b": 500}, "other": 0}
NUMBERS = {"kind": "number", "rows": 10_000, "missing": 100, "counts": [2_475] * 4, "edges": [1, 2, 3]}
BASELINE = {"version": 3, "columns": {"plan": LEVELS, "tenure": NUMBERS}}
AT = "2026-05-01T00:00:00.000Z"


def told(baseline: dict[str, Any] | None = None, checks: dict[str, Any] | None = None, **counts: list[int]) -> Any:
    rows = Rows(AT, AT, counts)
    return drift_window("churn", "scored", "w", rows, BASELINE if baseline is None else baseline, checks or {})


def test_rows_like_those_that_were_learnt_from_drift_in_nothing() -> None:
    found = told(plan=[0, 950, 50, 0], tenure=[10, 247, 248, 247, 248])

    assert (found.kind, found.version, found.rows, found.details["drifted"]) == ("drift", 3, 1_000, [])
    assert found.value < 0.01


def test_each_kind_of_difference_is_named_with_its_column() -> None:
    grown = told(plan=[0, 800, 200, 0], tenure=[10, 247, 248, 247, 248])
    renamed = told(plan=[0, 930, 50, 20])
    gone = told(tenure=[400, 150, 150, 150, 150])

    assert grown.details["drifted"] == ["plan"]
    assert grown.details["columns"]["plan"]["why"] == ["drift"]
    assert renamed.details["columns"]["plan"]["why"] == ["new levels"]
    assert "missing" in gone.details["columns"]["tenure"]["why"]


def test_without_a_version_that_serves_or_with_other_bins_there_is_no_window() -> None:
    assert told({}, plan=[0, 950, 50, 0]) is None
    assert told(tenure=[10, 990]) is None


def test_none_of_2_000_windows_without_drift_says_that_there_is_one() -> None:
    random = np.random.default_rng(7)
    windows = (
        told(
            plan=[0, *random.multinomial(500, [0.95, 0.05]).tolist(), 0],
            tenure=random.multinomial(500, [0.01, *[0.2475] * 4]).tolist(),
        )
        for _ in range(2_000)
    )

    assert sum(bool(window.details["drifted"]) for window in windows) <= 2
