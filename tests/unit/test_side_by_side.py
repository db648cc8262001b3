from collections import Counter
from pathlib import Path

import pytest

from tests.side_by_side import NO_TESTS, SHARES, exit_code, parts

TESTS = Path(__file__).parents[1]


def test_every_file_of_tests_is_in_one_part() -> None:
    taken = [
        test
        for part in parts()
        for file in part.files
        for test in (file.glob("test_*.py") if file.is_dir() else [file])
    ]

    assert Counter(taken) == Counter(TESTS.rglob("test_*.py"))


def test_what_takes_longest_begins_first() -> None:
    first, *dealt = [part.name for part in parts()][: 1 + SHARES]

    assert first == "e2e"
    assert dealt == [f"integration {number}/{SHARES}" for number in range(1, SHARES + 1)]


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0], 0), ([0, 1], 1), ([2, 1], 2), ([NO_TESTS, 0], 0), ([NO_TESTS, NO_TESTS], NO_TESTS), ([NO_TESTS, -9], -9)],
)
def test_what_failed_in_any_part_has_failed(codes: list[int], code: int) -> None:
    assert exit_code(codes) == code
