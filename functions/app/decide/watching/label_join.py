"""Late labels joined to what was answered: which rows they are about, and the window of each version that answered.

Pure. A row is a version and an id: it counts once, by the newest answer that the version gave.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from app.decide.names.hashes import digest
from app.decide.names.shown_text import shown
from app.decide.names.times import from_iso
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.published_model import Data, Model
from app.decide.uploads.scores import check_width, records
from app.decide.watching.label_files import Answer
from app.decide.watching.label_metrics import KNOWN, OF_TASK, Measured, Task, of_binary, of_classes, of_numbers
from app.decide.watching.windows import WatchedWindow

LEAST_ROWS = 100  # of a window, as of those of uploads
MOST_READ = 256 * 1024**2  # bytes of scored files that one file of labels is held against: half a minute's work
KEY_BYTES = 8  # of a row's key: a new row is taken for one of 70 million counted ones once in 250 billion
MOST_NAMED = 20  # files of labels that a window names


class Row(NamedTuple):
    """A row with both answers."""

    key: bytes
    said: str  # the predicted label; "" of a number
    score: float  # the probability of the positive label, or the number; nan of several classes
    actual: Answer
    at: str  # ISO; when it was answered


class LabelJoin:
    """Scored files, newest first, held against ``answers`` (by id); ``full`` once as many bytes were read as may be."""

    def __init__(self, data: Data, answers: Mapping[str, Answer], most_bytes: int = MOST_READ) -> None:
        self._data, self._answers, self._left = data, answers, most_bytes
        self.rows: dict[int, dict[str, Row]] = {}  # by version and id
        self.full = False
        self.unread = 0  # rows whose prediction is none of this model as it is published now

    @property
    def found(self) -> int:
        """How many labels are about a row that was scored."""
        return len(set().union(*self.rows.values()))

    def add(self, chunks: Iterable[bytes], version: int, at: str) -> None:
        """Hold a file that a version answered against the labels.

        Raises:
            Problem: it cannot be read, or has no column of ids.
        """
        lines = records(self._bounded(chunks))
        header = [name.strip() for name in next(lines)[1]]
        if self._data.id not in header:
            raise Problem(f"no column '{self._data.id}'", "upload files to be scored with their ids")
        place, own = header.index(self._data.id), self.rows.setdefault(version, {})
        for line, record in lines:
            if self.full:  # the last record may be cut off
                return
            check_width(line, record, header)
            identity = record[place].strip()
            if identity in self._answers and identity not in own:
                self._join(own, identity, record, version, at)

    def asks(self, identity: str) -> bool:
        """Whether a label is about this row."""
        return identity in self._answers

    def answered(self, version: int, identity: str, answer: Sequence[str], at: str) -> None:
        """Hold a row that an endpoint answered against its label, unless the version answered it later, too."""
        own, labels = self.rows.setdefault(version, {}), len(self._data.labels)
        before = own.get(identity)
        if before and from_iso(before.at) >= from_iso(at):
            return
        if labels == 2 and len(answer) < 2:  # without its probability
            self.unread += 1
            return
        self._join(own, identity, answer if labels else answer[:1], version, at)

    def spend(self, size: int) -> None:
        """Count bytes that were read."""
        self._left -= size
        self.full = self._left < 0

    def _join(self, own: dict[str, Row], identity: str, record: Sequence[str], version: int, at: str) -> None:
        labels = len(self._data.labels)
        try:
            score = float(record[-1] if not labels else record[-2] if labels == 2 else "nan")
        except ValueError:
            self.unread += 1
            return
        said = record[-1] if labels else ""
        own[identity] = Row(row_key(version, identity), said, score, self._answers[identity], at)

    def _bounded(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.spend(len(chunk))
            if self.full:
                return
            yield chunk


def row_key(version: int, identity: str) -> bytes:
    """What a counted row is remembered by."""
    return hashlib.blake2b(f"{version}\0{identity}".encode(errors="surrogatepass"), digest_size=KEY_BYTES).digest()


def keys_in(body: bytes) -> Iterator[bytes]:
    """The keys of a list of counted rows."""
    return (body[at : at + KEY_BYTES] for at in range(0, len(body), KEY_BYTES))


def label_window(
    model: Model, version: int, rows: Sequence[Row], files: Sequence[str], not_counted: Mapping[str, int]
) -> WatchedWindow | None:
    """The window of a version's rows; None of too few, or of rows on which its metric is not defined.

    It is of the time in which the rows were answered, so that a run which began since has answered it already. Its id
    is that of its rows.
    """
    metrics, means = _measured(model.data, rows) if len(rows) >= LEAST_ROWS else ({}, {})
    gates = next((str(limit["metric"]) for limit in model.gate if "metric" in limit), "")
    possible = OF_TASK[_task(model.data)]
    name = gates if gates in possible else possible[0]
    if name not in metrics:
        return None
    names = [shown(f"{file} (labels)") for file in files]
    details: dict[str, Any] = means | {
        "labels": {one: KNOWN[one].label for one in metrics},
        "lower_is_better": [one for one in metrics if KNOWN[one].lower_is_better],
        "metrics": {one: list(found) for one, found in metrics.items()},
        "uploads": names[-MOST_NAMED:],
        "of": len(names),
        "not_counted": dict(not_counted),
    }
    if name != gates:
        details["instead_of"] = gates
    times = sorted({row.at for row in rows})
    found_id = f"labels-{version:08d}-{digest(*sorted(row.key.hex() for row in rows))[:32]}"
    return WatchedWindow(
        model.name, "quality", "labels", found_id, times[0], times[-1], len(rows), name, *metrics[name], version,
        details,
    )  # fmt: skip


def _task(data: Data) -> Task:
    return {0: Task.NUMBER, 2: Task.BINARY}.get(len(data.labels), Task.CLASSES)


def _measured(data: Data, rows: Sequence[Row]) -> tuple[dict[str, Measured], dict[str, float]]:
    """The metrics of rows, and the means that were predicted and came true."""
    if _task(data) is Task.CLASSES:
        return of_classes([row.said for row in rows], [str(row.actual) for row in rows]), {}
    scores = [row.score for row in rows]
    if data.labels:
        actual = [row.actual == data.labels[0] for row in rows]
        metrics = of_binary(scores, [row.said == data.labels[0] for row in rows], actual)
        return metrics, _means(scores, actual)
    numbers = [float(row.actual) for row in rows]
    return of_numbers(scores, numbers), _means(scores, numbers)


def _means(predicted: Sequence[float], actual: Sequence[float]) -> dict[str, float]:
    return {"mean_predicted": sum(predicted) / len(predicted), "mean_actual": sum(actual) / len(actual)}
