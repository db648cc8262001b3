"""What a batch of uploads is held against is read once for all of it, and anew for the next."""

from collections import Counter
from typing import Any

import pytest
from app.aws import clients
from moto_world import GOOD, World


@pytest.fixture
def read(world: World) -> Counter[str]:
    """How often each of the model's own files is read from now on."""
    found: Counter[str] = Counter()

    def count(params: dict[str, Any], **_: Any) -> None:
        found[params["url_path"].rpartition("/")[2]] += 1

    clients.client("s3").meta.events.register("before-call.s3.GetObject", count)
    return found


def test_the_model_and_its_baseline_are_read_once_for_a_batch(world: World, read: Counter[str]) -> None:
    world.record(*(world.upload(f"incoming/churn/{number}.csv", GOOD) for number in range(5)))

    assert {name: times for name, times in read.items() if name.endswith(".json")} == {"churn.json": 2}


def test_a_model_that_is_published_anew_counts_for_the_next_batch(world: World) -> None:
    world.record(world.upload("incoming/churn/before.csv", GOOD))
    world.publishes(data={"target": "Left", "positive_label": "Yes", "negative_label": "No", "columns": {}})
    world.record(world.upload("incoming/churn/after.csv", GOOD))

    refused = [one["file"] for one in world.ledger.refused("churn")]
    assert refused == ["incoming/churn/after.csv"]
