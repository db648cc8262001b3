"""What is recorded of records and requests: each change once, and final records only if a request names them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from localcloud import journaling
from localcloud.persistence import records

State = dict[str, dict[str, Any]]


class Part:
    """A part with two kinds of records, what is recorded of them, and how often one is compared."""

    def __init__(self, **loaded: dict[str, Any]) -> None:
        self.state: State = {"jobs": {}, "tags": {}}
        self.recorded: list[tuple[str, tuple[str, ...], Any]] = []
        self.looks = 0
        part = SimpleNamespace(
            RECORDS_OF="jobs",
            RECORDS_DEPTH=2,
            snapshot_state=lambda: {name: dict(kind) for name, kind in self.state.items()},
            has_ended=lambda path, record: path[0] == "tags" or record["status"] == "Completed",
        )
        records.install({"part": cast("Any", part)}, {"part": loaded}, self._dumps)
        journaling.write_to(self._write)

    def _dumps(self, value: Any) -> bytes:
        self.looks += 1
        return pickle.dumps(value)

    def _write(self, redo: journaling.Redo, args: tuple[Any, ...], _: journaling.References) -> None:
        name, _, what = redo.__name__, *args[:2]
        self.recorded.append((name, what, pickle.loads(pickle.dumps(args[2])) if len(args) > 2 else None))

    def flush(self, body: str = "") -> list[tuple[str, tuple[str, ...], Any]]:
        """What is recorded now."""
        self.recorded, self.looks = [], 0
        journaling.flush("jobs", body)
        return self.recorded


@pytest.fixture
def part() -> Iterator[Part]:
    yield Part()
    journaling.write_to(None)


def test_a_record_is_written_when_it_is_new_changed_or_deleted(part: Part) -> None:
    part.state["jobs"]["a"] = {"status": "InProgress"}
    first, again = part.flush(), part.flush()
    part.state["jobs"]["a"]["status"] = "Completed"
    changed = part.flush()
    del part.state["jobs"]["a"]
    gone = part.flush()

    assert first == [("put", ("jobs", "a"), {"status": "InProgress"})]
    assert again == []
    assert changed == [("put", ("jobs", "a"), {"status": "Completed"})]
    assert gone == [("drop", ("jobs", "a"), None)]


def test_a_final_record_is_compared_only_if_a_request_names_it(part: Part) -> None:
    part.state["jobs"] = {f"job-{number}": {"status": "Completed"} for number in range(1000)}
    part.state["tags"]["arn:aws:sagemaker:us-east-1:1:model-package/churn/7"] = {"a": "b"}
    part.flush()

    unnamed = (part.flush(), part.looks)
    part.state["jobs"]["job-500"]["more"] = "x"
    part.state["tags"]["arn:aws:sagemaker:us-east-1:1:model-package/churn/7"]["c"] = "d"
    named = part.flush('{"Names": ["job-500", "churn/7"]}')

    assert unnamed == ([], 0)
    assert [path[-1][-9:] for _, path, _ in named] == ["job-500", "e/churn/7"]
    assert part.looks < 10


def test_a_restored_record_is_written_again_only_if_it_was_not_final() -> None:
    done, running = {"status": "Completed"}, {"status": "InProgress"}
    part = Part(jobs={"done": done, "running": running})
    part.state["jobs"] = {"done": done, "running": {"status": "Stopped"}}

    recorded = part.flush()
    journaling.write_to(None)

    assert recorded == [("put", ("jobs", "running"), {"status": "Stopped"})]


def test_what_was_written_is_restored(part: Part) -> None:
    part.state = {"jobs": {"a": {"status": "InProgress"}, "b": {"status": "Completed"}}, "tags": {}}
    recorded = part.flush()
    del part.state["jobs"]["a"]
    recorded += part.flush()
    loaded: dict[str, Any] = {}

    with records.as_loaded(loaded):
        for name, path, record in recorded:
            getattr(records, name)(*(("part", path) if name == "drop" else ("part", path, record)))

    assert loaded == {"part": {"jobs": {"b": {"status": "Completed"}}}}


def test_an_event_of_a_request_waits_until_its_change_is_recorded() -> None:
    order: list[str] = []
    with journaling.request():
        journaling.after_recording(order.append, "event")
        order.append("change")
    journaling.after_recording(order.append, "another, of no request")

    assert order == ["change", "event", "another, of no request"]


def test_nothing_is_recorded_without_a_writer() -> None:
    journaling.record(records.drop, "part", ("a",))

    assert not journaling.is_enabled()
