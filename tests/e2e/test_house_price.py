"""A model that predicts a number, through the whole loop: 79 raw columns in, dollars out."""

from typing import Any

import pytest


@pytest.mark.slow
@pytest.mark.local
def test_house_prices_are_answered_in_dollars_as_evaluation_stored_them(stack: Any) -> None:
    report, _ = stack.demo("house-price", "--rows", "1500")

    assert report["verdict"]["passed"]
    assert set(report["verdict"]["metrics"]) == {"rmse", "mae", "mse", "r2"}
    assert report["endpoint"] == {"name": "retrain--house-price", "status": "InService"}
    assert report["differences"] == []
    assert all(one["value"] > 1000 for one in report["predictions"])
