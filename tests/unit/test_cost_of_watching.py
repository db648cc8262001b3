"""Watching a model with a million requests a day costs less than ten dollars a month, and the page says how much."""

from pathlib import Path

import pytest

from benchmarks.watching.cost import MOST_USD, total

PAGE = Path(__file__).parents[2] / "docs" / "cost.md"


@pytest.mark.parametrize("percent", [1, 10, 100])
def test_watching_costs_less_than_ten_dollars_a_month_and_what_the_page_says(percent: int) -> None:
    assert total(percent) < MOST_USD
    assert f"| {percent} % | {total(percent):.2f} |" in PAGE.read_text()
