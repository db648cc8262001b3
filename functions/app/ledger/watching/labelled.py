"""Labels that came later than the rows: which scored files they may be about, and which rows they were counted of.

``SCORED#<model>/<time>#<key's hash>`` names each scored file, newest last. ``MODEL#<model>/LABELS`` is changed only as
it was read: of two files of labels that come at once one sees what the other counted.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from app.decide.messages import DatasetArrived
from app.decide.names.hashes import digest
from app.decide.names.times import iso
from app.decide.watching.windows import WatchedWindow
from app.errors import Contended
from app.ledger.batches import outcome_record
from app.ledger.table import Write
from app.ledger.watching.windows import WINDOWS_KEPT, WatchedWindows

LABELS = "LABELS"
MOST_COUNTED = 365  # files of labels whose rows are known to be counted: a year of daily ones
MOST_WAITING = 20  # files whose rows are too few for a window so far


class ScoredFile(NamedTuple):
    """A file that was scored."""

    key: str
    at: str  # ISO; when it was joined with its answers


class WaitingLabels(NamedTuple):
    """A file of labels, by its object version."""

    key: str
    version_id: str


class Labelled(NamedTuple):
    """What a model's labels were counted of, as ``revision`` of the item says."""

    counted: tuple[str, ...] = ()  # names of the lists of rows, oldest first
    waiting: tuple[WaitingLabels, ...] = ()  # oldest first
    revision: int = 0


class LabelledRows(WatchedWindows):
    """The labels of all models."""

    def note_scored_file(self, model: str, key: str, at: datetime) -> None:
        """Note that a file was scored. Whoever repeats it notes it again, under the same key."""
        expires = {"expires_at": int((at + WINDOWS_KEPT).timestamp())}
        facts = {"key": key, "at": iso(at)}
        self.write(Write(f"SCORED#{model}", f"{iso(at)}#{digest(key)[:16]}", set=facts | expires))

    def scored_files(self, model: str, most: int) -> list[ScoredFile]:
        """The ``most`` files of a model that were scored last, newest first, each once."""
        items = self.query(f"SCORED#{model}", "0", "~", newest_first=True, page=most)
        found: dict[str, str] = {}
        for item in islice(items, most):
            found.setdefault(item["key"], item["at"])
        return [ScoredFile(key, at) for key, at in found.items()]

    def labelled(self, model: str) -> Labelled:
        """What the labels of a model were counted of so far."""
        item = self.get(f"MODEL#{model}", LABELS) or {}
        waiting = tuple(WaitingLabels(*one) for one in item.get("waiting", ()))
        return Labelled(tuple(item.get("counted", ())), waiting, int(item.get("revision", 0)))

    def has_window(self, model: str, id: str) -> bool:
        """Whether a window of quality was kept under this id."""
        return self.get(f"WATCHED#{model}", f"quality#{id}") is not None

    def count_labels(
        self, model: str, arrival: DatasetArrived, after: Labelled, windows: Sequence[WatchedWindow]
    ) -> None:
        """Keep what a file of labels was counted of, with its windows, if ``after`` follows what is there: all or none.

        Raises:
            Contended: other labels of the model came in between; or these, a second time.
        """
        was = after.revision - 1
        facts = {
            "counted": list(after.counted[-MOST_COUNTED:]),
            "waiting": [list(one) for one in after.waiting[-MOST_WAITING:]],
            "revision": after.revision,
        }
        condition = "#revision = :was" if was else "attribute_not_exists(#revision)"
        given = {"was": was} if was else {}
        changes = [
            outcome_record(arrival, {"model": model, "labels": True}),
            Write(f"MODEL#{model}", LABELS, set=facts, condition=condition, given=given),
            *(write for window in windows for write in self.writes(window)),
        ]
        if self.transact(changes) is not None:
            raise Contended(f"other labels of {model} were counted at the same moment")
