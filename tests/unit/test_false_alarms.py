"""What watches a model cries wolf in one of 200 windows at most, and tells a drift that matters: counts, seeded."""

import numpy as np
import pytest

from benchmarks.watching.false_alarms import (
    DRIFT,
    QUALITY,
    SEED,
    SHIFTS,
    begun,
    drift_windows,
    measured,
)

WINDOWS = 1_000


@pytest.mark.parametrize("rows", [500, 10_000])
def test_windows_without_drift_begin_a_run_in_one_of_200_at_most(rows: int) -> None:
    assert begun(DRIFT, drift_windows(np.random.default_rng(SEED), rows), WINDOWS) <= WINDOWS / 200


@pytest.mark.parametrize("rows", [200, 5_000])
def test_windows_of_a_quality_that_did_not_fall_begin_a_run_in_one_of_200_at_most(rows: int) -> None:
    assert begun(QUALITY, measured(np.random.default_rng(SEED), rows), WINDOWS) <= WINDOWS / 200


def test_a_rare_level_that_grows_begins_a_run_with_every_second_window() -> None:
    (grows,) = (shift for shift in SHIFTS if shift.name == "a level of 5 % is 20 %")

    assert begun(DRIFT, drift_windows(np.random.default_rng(SEED), 10_000, grows), 40) == 20


def test_a_quality_that_fell_twice_as_far_as_it_may_begins_runs() -> None:
    assert begun(QUALITY, measured(np.random.default_rng(SEED), 5_000, 0.06), 40) >= 18
