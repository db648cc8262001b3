"""Arrivals become batches: what joins, when a batch is open, and what a run sees.

``MODEL#<model>/STATE`` holds the open batch; ``FILE#<model>/<batch number>#<object>`` its members, so that the files of
a run, or of all runs up to it, are one range.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.messages import DatasetArrived
from app.decide.rules import RunStatus, digest, from_iso, iso, quiet_remaining_s, run_id
from app.errors import Contended
from app.ledger.executions import opened
from app.ledger.table import Item, Table, Write

STATE = "STATE"
TRIES = 12
TOLD = 20  # findings of the data checks that are kept of one file


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now().astimezone()


class Joined(NamedTuple):
    """An arrival's place. ``opened`` says that it opened the batch, so whoever records it starts the machine."""

    run: str
    opened: bool


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


class OpenBatch(NamedTuple):
    """When the open batch began and last grew."""

    run: str
    opened_at: datetime
    last_at: datetime


def contended(act: Callable[[], Any]) -> Any:
    """``act`` until it answers something; writers that collide wait a random moment.

    Raises:
        Contended: it never did.
    """
    for attempt in range(TRIES):
        try:
            answer = act()
        except Contended:
            answer = None
        if answer is not None:
            return answer
        time.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))
    raise Contended("the ledger kept changing; try again")


class Batches(Table):
    """The open batch of each model."""

    def known(self, bucket: str, key: str, version_id: str) -> Item | None:
        """What was decided about an object version before; None for a new one."""
        return self.get(f"OBJECT#{digest(bucket, key, version_id)}", "OBJECT")

    def join(self, model: str, arrival: DatasetArrived, file: File, execution_arn: Callable[[str], str]) -> Joined:
        """Put an accepted upload into the model's open batch, opening one if there is none. Once per object version.

        Raises:
            Contended: other arrivals were faster all the time.
        """

        def attempt() -> Joined | None:
            state = self.get(f"MODEL#{model}", STATE) or {}
            opening = "open_run" not in state
            run = run_id(model, arrival.uploaded_at, digest(*arrival.identity))
            run = run if opening else state["open_run"]
            batch = int(state.get("batch", 0)) + opening
            at = iso(now())
            changes = [
                _remember(arrival, {"model": model, "run": run, "opened": opening}),
                Write(f"FILE#{model}", f"{batch:08d}#{_object(*arrival.identity)}", set=file._asdict() | {"run": run}),
                open_with(model, run, batch, opened_at=at, last_at=at) if opening else _grow(model, run, at),
            ]
            if opening:
                task = {"entry": "Retrain", "model": model, "run": run}
                changes += [begin(model, run, batch, execution_arn(run), "arrived")]
                changes += [Write("MODELS", model, set={"model": model}), opened(execution_arn(run), task, now())]
            held = self.transact(changes)
            if held is None:
                return Joined(run, opening)
            known = self.known(arrival.bucket, arrival.key, arrival.version_id) if not held[0] else None
            return Joined(known["run"], known["opened"]) if known and "run" in known else None

        joined: Joined = contended(attempt)
        return joined

    def open_batch(self, model: str) -> OpenBatch | None:
        """The batch that arrivals of ``model`` join now."""
        state = self.get(f"MODEL#{model}", STATE) or {}
        if "open_run" not in state:
            return None
        return OpenBatch(state["open_run"], from_iso(state["opened_at"]), from_iso(state["last_at"]))

    def quiet_in_s(self, model: str, run: str, quiet_s: int, max_wait_s: int) -> int:
        """Seconds until ``run``'s batch may close; 0 when it may now, or is closed."""
        batch = self.open_batch(model)
        if batch is None or batch.run != run:
            return 0
        return quiet_remaining_s(batch.opened_at, batch.last_at, now(), quiet_s, max_wait_s)

    def close_batch(self, model: str, run: str) -> None:
        """From here on arrivals open another batch; closing twice is as good as once."""
        closing = Write(
            f"MODEL#{model}",
            STATE,
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
        found = self.query(f"FILE#{model}", first or "0", f"{batch:08d}#~")
        files = [File(**{name: item[name] for name in File._fields if name in item}) for item in found]
        return sorted(files, key=lambda file: (file.uploaded_at, file.key, file.version_id))

    def refuse(self, model: str, arrival: DatasetArrived, refusal: Item) -> None:
        """Remember why an upload was refused. Once per object version."""
        at = refusal["at"]
        self.transact(
            [
                _remember(arrival, {"model": model, "refused": refusal["message"]}),
                Write(f"MODEL#{model}", f"REFUSED#{at}#{_object(*arrival.identity)}", set=refusal),
                Write("MODELS", model or "unknown", set={"model": model}),
            ]
        )


def _object(bucket: str, key: str, version_id: str) -> str:
    return f"OBJECT#{digest(bucket, key, version_id)}"


def _remember(arrival: DatasetArrived, what: Item) -> Write:
    facts = {"key": arrival.key, "version_id": arrival.version_id, **what}
    return Write(_object(*arrival.identity), "OBJECT", set=facts, condition="attribute_not_exists(pk)")


def open_with(model: str, run: str, batch: int, opened_at: str, last_at: str) -> Write:
    """A batch opens, if none is open and no other took its number."""
    return Write(
        f"MODEL#{model}",
        STATE,
        set={"open_run": run, "opened_at": opened_at, "last_at": last_at, "batch": batch},
        condition="attribute_not_exists(#open_run) AND (attribute_not_exists(#batch) OR #batch = :before)",
        given={"before": batch - 1},
    )


def _grow(model: str, run: str, at: str) -> Write:
    return Write(f"MODEL#{model}", STATE, set={"last_at": at}, condition="#open_run = :run", given={"run": run})


def begin(model: str, run: str, batch: int, execution_arn: str, what: str, **facts: Any) -> Write:
    """The record of a run begins with ``what`` happened."""
    begun = {
        "id": run,
        "model": model,
        "batch": batch,
        "status": str(RunStatus.WAITING),
        "execution_arn": execution_arn,
        "timeline": [{"at": iso(now()), "what": what}],
        **facts,
    }
    return Write(f"MODEL#{model}", f"RUN#{run}", set=begun, condition="attribute_not_exists(pk)")
