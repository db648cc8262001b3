"""What Evidently documents as its defaults, as the benchmark has it: distances by much reference data, or tests."""

import numpy as np
import pytest

from benchmarks.watching import evidently_defaults as evidently
from benchmarks.watching.false_alarms import SHIFTS


def counts(*found: float) -> evidently.Counts:
    return np.array(found, float)


def test_the_distance_of_categories_is_the_root_of_the_divergence_by_natural_logarithms() -> None:
    assert evidently.jensen_shannon(counts(1, 0), counts(0, 1)) == pytest.approx(np.sqrt(np.log(2)))
    assert evidently.jensen_shannon(counts(95, 5), counts(950, 50)) == 0.0


def test_the_distance_of_numbers_is_in_standard_deviations_of_the_reference() -> None:
    moved = counts(*[0] * 9, 10)  # all in the last tenth

    found = evidently.wasserstein(counts(*[1] * 10), moved)

    spread = np.sqrt(np.mean(evidently.TENTHS**2))
    assert found == pytest.approx((evidently.TENTHS[-1] - np.mean(evidently.TENTHS)) / spread)


def test_little_reference_data_is_tested_and_much_is_measured() -> None:
    few, many = [0, 950, 50, 0], [0, 19_000, 1_000, 0]
    window = [0, 920, 80, 0]  # p = 0.006, a distance of 0.04

    assert evidently.drifts(few, window)
    assert not evidently.drifts(many, window)


def test_a_data_set_drifts_with_half_of_its_columns() -> None:
    assert [evidently.Told(columns, 20).whole for columns in (9, 10)] == [False, True]


@pytest.mark.parametrize("learnt", [evidently.SMALL, evidently.LEARNT])
def test_the_windows_are_those_that_the_apps_own_code_is_shown(learnt: int) -> None:
    [one] = evidently.windows(10_000, SHIFTS[-1], learnt, 1)

    assert one.of == 20
    assert one.columns >= 1  # the mean moved by a deviation
