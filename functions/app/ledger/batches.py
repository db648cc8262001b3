"""Arrivals become batches: what joins, when a batch is open, and which files a run sees.

``MODEL#<model>/BATCH_AND_TURN`` holds the open batch; ``FILE#<model>/<batch number>#<object>`` its members, so that the
files of a run, or of all runs up to it, are one range.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from app.decide.messages import DatasetArrived
from app.decide.names.hashes import digest
from app.decide.names.resource_names import run_id
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso, iso, quiet_remaining_s
from app.errors import Contended
from app.ledger.executions import open_entry
from app.ledger.table import Item, Table, Write

BATCH_AND_TURN = "BATCH_AND_TURN"
MAX_ATTEMPTS = 12
MAX_WARNINGS_KEPT = 20  # findings of the data checks, of one file


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now().astimezone()


class BatchMembership(NamedTuple):
    """The run whose batch an arrival, or a request, belongs to. Who ``started_batch`` also starts the machine."""

    run: str
    started_batch: bool


class File(NamedTuple):
    """An accepted upload."""

    key: str
    version_id: str
    etag: str
    size_bytes: int
    uploaded_at: str  # ISO
    rows: int
    classes: dict[str, int]
    complete: bool  # rows and classes cover the whole file
    warnings: list[dict[str, str]] = []  # findings of the data checks
    content: str = ""  # sha256 of its bytes, unpacked; "" where they were not all read
    withdrawn: str = ""  # why it may not be learnt from any more
    by: str = ""  # who uploaded it, as they claim; "" where nobody said
    unpacked_bytes: int = 0  # that it unpacks to, guessed of a very large one; 0 where it is not compressed


class OpenBatch(NamedTuple):
    """When the open batch began and last grew."""

    run: str
    opened_at: datetime
    last_at: datetime


def retry_on_contention(attempt: Callable[[], Any]) -> Any:
    """Call ``attempt`` until it returns something; writers that collide back off for a random time.

    Raises:
        Contended: it never did.
    """
    for number in range(MAX_ATTEMPTS):
        try:
            result = attempt()
        except Contended:
            result = None
        if result is not None:
            return result
        time.sleep(random.uniform(0, 0.01 * 2 ** min(number, 6)))
    raise Contended("the ledger kept changing; try again")


class Batches(Table):
    """The open batch of each model."""

    def recorded_outcome(self, bucket: str, key: str, version_id: str) -> Item | None:
        """What was decided about an object version before; None for a new one."""
        return self.get(f"OBJECT#{digest(bucket, key, version_id)}", "OBJECT")

    def join_batch(
        self, model: str, arrival: DatasetArrived, file: File, execution_arn: Callable[[str], str]
    ) -> BatchMembership:
        """Put an accepted upload into the model's open batch, opening one if there is none. Idempotent per object
        version.

        Raises:
            Contended: other arrivals were faster all the time.
        """

        def attempt() -> BatchMembership | None:
            state = self.get(f"MODEL#{model}", BATCH_AND_TURN) or {}
            opening = "open_run" not in state
            run = run_id(model, arrival.uploaded_at, digest(*arrival.identity)) if opening else state["open_run"]
            batch = int(state.get("batch", 0)) + opening
            at, name = iso(now()), object_key(*arrival.identity)
            changes = [
                outcome_record(arrival, {"model": model, "run": run, "started_batch": opening}),
                Write(f"FILE#{model}", f"{batch:08d}#{name}", set=file._asdict() | {"run": run}),
                new_batch(model, run, batch, opened_at=at, last_at=at) if opening else _extend_batch(model, run, at),
            ]
            if opening:
                task = {"entry": "Retrain", "model": model, "run": run}
                changes += [new_run_record(model, run, batch, execution_arn(run), "arrived")]
                changes += [Write("MODELS", model, set={"model": model}), open_entry(execution_arn(run), task, now())]
            conditions_met = self.transact(changes)
            if conditions_met is None:
                return BatchMembership(run, opening)
            if conditions_met[0]:
                return None
            outcome = self.recorded_outcome(*arrival.identity)
            return BatchMembership(outcome["run"], outcome["started_batch"]) if outcome and "run" in outcome else None

        membership: BatchMembership = retry_on_contention(attempt)
        return membership

    def open_batch(self, model: str) -> OpenBatch | None:
        """The batch that arrivals of ``model`` join now."""
        state = self.get(f"MODEL#{model}", BATCH_AND_TURN) or {}
        if "open_run" not in state:
            return None
        return OpenBatch(state["open_run"], from_iso(state["opened_at"]), from_iso(state["last_at"]))

    def quiet_in_s(self, model: str, run: str, quiet_s: int, max_wait_s: int, waiting: int = 0) -> int:
        """Seconds until ``run``'s batch may close; 0 when it may now, or is closed. Uploads that are ``waiting`` to be
        recorded keep one open that has an upload.
        """
        batch = self.open_batch(model)
        if batch is None or batch.run != run:
            return 0
        expected = waiting if batch.last_at >= batch.opened_at else 0  # a run that was asked for waits for nobody
        return quiet_remaining_s(batch.opened_at, batch.last_at, now(), quiet_s, max_wait_s, expected)

    def close_batch(self, model: str, run: str) -> None:
        """Close ``run``'s batch: from here on arrivals open another. Idempotent."""
        closing = Write(
            f"MODEL#{model}",
            BATCH_AND_TURN,
            remove=("open_run", "opened_at", "last_at"),
            condition="#open_run = :run",
            given={"run": run},
        )
        self.write(closing)

    def newest_batch(self, model: str, batch: int) -> int:
        """The newest batch up to ``batch`` that has files: one that was opened without an upload has none."""
        newest = next(self.query(f"FILE#{model}", "0", f"{batch:08d}#~", newest_first=True), None)
        return int(newest["sk"].partition("#")[0]) if newest else batch

    def files(self, model: str, batch: int, append: bool) -> list[File]:
        """The accepted uploads of a batch, and with ``append`` those before; oldest first."""
        first = "" if append else f"{batch:08d}#"
        items = self.query(f"FILE#{model}", first or "0", f"{batch:08d}#~")
        files = [File(**{name: item[name] for name in File._fields if name in item}) for item in items]
        return sorted(files, key=lambda file: (file.uploaded_at, file.key, file.version_id))

    def accepted(self, model: str, batch: int) -> list[Item]:
        """Every accepted upload of the batches up to this one, withdrawn ones too, with ``batch`` and sort key."""
        items = self.query(f"FILE#{model}", "0", f"{batch:08d}#~")
        return [
            {name: item[name] for name in (*File._fields, "sk", "run") if name in item}
            | {"batch": int(item["sk"].partition("#")[0])}
            for item in items
        ]

    def newest_accepted(self, model: str, most: int) -> list[Item]:
        """Accepted uploads of the newest batches, withdrawn ones too, each with its sort key; newest batch first."""
        items = islice(self.query(f"FILE#{model}", "0", "~", newest_first=True, page=most), most)
        return [{name: item[name] for name in (*File._fields, "sk", "run") if name in item} for item in items]

    def withdraw(self, model: str, sort_key: str, why: str) -> bool:
        """Take an accepted upload, by its ``sort_key``, out of all runs that are planned from now on. Idempotent: False
        when it was withdrawn before.
        """
        condition = "attribute_exists(pk) AND (attribute_not_exists(#withdrawn) OR #withdrawn = :nothing)"
        change = Write(f"FILE#{model}", sort_key, set={"withdrawn": why}, condition=condition, given={"nothing": ""})
        return self.write(change) is not None


def object_key(bucket: str, key: str, version_id: str) -> str:
    """The key of what was decided about an object version."""
    return f"OBJECT#{digest(bucket, key, version_id)}"


def outcome_record(arrival: DatasetArrived, facts: Item) -> Write:
    """The record of an object version's outcome, if it has none yet."""
    identity = {"key": arrival.key, "version_id": arrival.version_id}
    return Write(object_key(*arrival.identity), "OBJECT", set=identity | facts, condition="attribute_not_exists(pk)")


def new_batch(model: str, run: str, batch: int, opened_at: str, last_at: str) -> Write:
    """A batch opens, if none is open and no other took its number."""
    return Write(
        f"MODEL#{model}",
        BATCH_AND_TURN,
        set={"open_run": run, "opened_at": opened_at, "last_at": last_at, "batch": batch},
        condition="attribute_not_exists(#open_run) AND (attribute_not_exists(#batch) OR #batch = :before)",
        given={"before": batch - 1},
    )


def _extend_batch(model: str, run: str, at: str) -> Write:
    extension = {"last_at": at}
    return Write(f"MODEL#{model}", BATCH_AND_TURN, set=extension, condition="#open_run = :run", given={"run": run})


def new_run_record(model: str, run: str, batch: int, execution_arn: str, what: str, **facts: Any) -> Write:
    """The record of a new run, whose timeline begins with ``what`` happened."""
    record = {
        "id": run,
        "model": model,
        "batch": batch,
        "status": str(RunStatus.WAITING),
        "execution_arn": execution_arn,
        "timeline": [{"at": iso(now()), "what": what}],
        **facts,
    }
    return Write(f"MODEL#{model}", f"RUN#{run}", set=record, condition="attribute_not_exists(pk)")
