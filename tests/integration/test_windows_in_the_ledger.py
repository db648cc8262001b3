"""Watched windows on a real table: each id counts once, and the newest are read first."""

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from app.decide.watching.windows import WatchedWindow
from app.ledger import Ledger
from moto import mock_aws
from moto_world import ledger_table


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with mock_aws():
        client = boto3.client("dynamodb", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        name = f"ledger-{uuid4().hex}"
        ledger_table(client, name)
        yield Ledger(name, client)


def window(day: int, value: float = 0.84, kind: str = "quality", model: str = "churn") -> WatchedWindow:
    start, end = f"2026-05-{day:02d}T00:00:00.000Z", f"2026-05-{day:02d}T12:00:00.000Z"
    fields = {"model": model, "kind": kind, "source": "uploads", "id": f"batch-{day}", "start": start, "end": end}
    numbers = {"rows": 400, "metric": "roc_auc", "value": value, "low": 0.8, "high": None, "version": 3}
    return WatchedWindow.parse(fields | numbers | {"details": {"slices": [{"name": "old", "value": 0.5}]}})


def test_a_window_is_kept_and_read_whole(ledger: Ledger) -> None:
    kept = ledger.put_window(window(1))

    assert kept
    assert ledger.newest_windows("churn", "quality", 5) == [window(1)]


def test_a_window_that_is_written_twice_counts_once_whatever_it_then_says(ledger: Ledger) -> None:
    ledger.put_window(window(1))
    moved = window(2)._replace(id="batch-1", value=0.2)

    assert not ledger.put_window(window(1))
    assert not ledger.put_window(moved)
    assert ledger.newest_windows("churn", "quality", 5) == [window(1)]


def test_the_newest_windows_of_one_kind_and_model_come_first(ledger: Ledger) -> None:
    for day in (2, 1, 3, 10):
        ledger.put_window(window(day))
    ledger.put_window(window(11, kind="drift"))
    ledger.put_window(window(12, model="churn2"))

    assert [one.id for one in ledger.newest_windows("churn", "quality", 3)] == ["batch-10", "batch-3", "batch-2"]


def test_windows_of_two_kinds_may_have_the_same_id(ledger: Ledger) -> None:
    ledger.put_window(window(1))

    assert ledger.put_window(window(1, kind="drift"))
