"""A model that predicts a number, through the whole loop: 79 raw columns in, dollars out."""

import json
import os
import subprocess
from typing import Any

import pytest


@pytest.mark.slow
@pytest.mark.local
def test_house_prices_are_answered_in_dollars_as_evaluation_stored_them(stack: Any) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    done = subprocess.run(
        [stack.bin / "retrain", "demo", "house-price", "--rows", "1500", "--json"],
        cwd=stack.root,
        env=environment | {"AWS_ENDPOINT_URL": stack.target.url},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
    )

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"]["passed"]
    assert set(report["verdict"]["metrics"]) == {"rmse", "mae", "mse", "r2"}
    assert report["endpoint"] == {"name": "retrain--house-price", "status": "InService"}
    assert report["differences"] == []
    assert all(one["value"] > 1000 for one in report["predictions"])
