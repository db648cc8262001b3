"""A rare level that grows is drift, though its PSI is small; chance is none. Upload check and evaluation agree."""

import numpy as np
import pytest
from app.decide.uploads import data_checks
from evaluation import drift
from hypothesis import given
from hypothesis import strategies as st

COUNTS = st.lists(st.integers(0, 5_000), min_size=3, max_size=8)


def both(now: list[int], was: list[int]) -> bool:
    found = data_checks.moved(now, was) is not None
    assert drift.moved(np.array(now, float), np.array(was, float)) == found
    return found


def drawn(shares: list[float], rows: int, seed: int) -> list[int]:
    return [0, *np.random.default_rng(seed).multinomial(rows, shares).tolist()]


def test_a_rare_level_that_grows_from_5_to_20_in_100_is_caught_each_time_in_10_000_rows() -> None:
    was = drawn([0.95, 0.05], 50_000, 0)
    times = [drawn([0.80, 0.20], 10_000, seed) for seed in range(200)]

    assert sum(both(now, was) for now in times) == 200
    assert sum(data_checks.psi(now, was) > 0.25 for now in times) < 100


@pytest.mark.parametrize("rows", [100, 500, 10_000])
@pytest.mark.parametrize("shares", [[0.95, 0.05], [0.1] * 10, [0.5, *[0.01] * 50]])
def test_chance_alone_is_no_drift_in_more_than_1_of_400_draws(shares: list[float], rows: int) -> None:
    was = drawn(shares, 20_000, 0)

    assert sum(both(drawn(shares, rows, seed), was) for seed in range(1, 401)) <= 1


def test_of_less_than_a_hundred_rows_nothing_is_said() -> None:
    assert not both([0, 0, 99], [0, 9_900, 100])


def test_what_is_missing_is_not_told_twice() -> None:
    assert data_checks.moved([500, 500], [0, 1_000]) == 1
    assert data_checks.moved([150, 850], [0, 1_000]) is None


@given(COUNTS, COUNTS)
def test_upload_check_and_evaluation_say_the_same(now: list[int], was: list[int]) -> None:
    size = min(len(now), len(was))

    both(now[:size], was[:size])
