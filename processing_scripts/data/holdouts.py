"""The held-out rows of a run, from all of their parts, and a batch transform's predictions for them: read as often as
needed, never held whole.
"""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from job import cells
from job.refusals import Refused
from numpy.typing import NDArray

ROWS_AT_A_TIME = 20_000
NEW = "new-rows-"  # what files of records begin with that are no held-out ones
KEYS = ".npy"  # beside each CSV file of rows, their keys in the same order


class RawRows:
    """Rows as they were uploaded, in the same order every time; there may be none."""

    ENDING = ".csv"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = sorted(folder.glob(f"*{self.ENDING}"))
        self.header = next(self._read(0), [])

    def rows(self) -> Iterator[list[str]]:
        """Read every record, as texts under ``header``."""
        for at in range(len(self.paths)):
            yield from itertools.islice(self._read(at), 1, None)

    def column(self, name: str) -> list[str]:
        """Read one column, as texts."""
        place = self.header.index(name)
        return [row[place].strip() for row in self.rows()]

    def counted(self, names: Iterable[str]) -> dict[str, Counter[str]]:
        """Count the rows by their text in each column of ``names``, in one reading."""
        places = {name: self.header.index(name) for name in names}
        counts: dict[str, Counter[str]] = {name: Counter() for name in places}
        for chunk in self._chunks():
            columns = list(zip(*chunk, strict=True))
            for name, place in places.items():
                counts[name].update(map(str.strip, columns[place]))
        return counts

    def bodies(self, which: NDArray[np.bool_] | None = None) -> Iterator[tuple[list[list[str]], str]]:
        """Read rows, those that ``which`` marks, in chunks: each with the same rows as a request's body, CSV with
        header.
        """
        at = 0
        for chunk in self._chunks():
            marked = chunk if which is None else list(itertools.compress(chunk, which[at : at + len(chunk)]))
            at += len(chunk)
            if marked:
                yield marked, as_csv([self.header, *marked])

    def _chunks(self) -> Iterator[list[list[str]]]:
        rows = self.rows()
        while chunk := list(itertools.islice(rows, ROWS_AT_A_TIME)):
            yield chunk

    def _read(self, at: int) -> Iterator[list[str]]:
        for path in self.paths[at : at + 1]:
            with path.open(encoding="utf-8", newline="") as file:
                yield from cells.reader(file)


class HeldOut(RawRows):
    """Test data as it was uploaded."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if next(self.rows(), None) is None:
            raise Refused(f"{folder}: no held-out rows in *.csv")

    def identities(self) -> NDArray[np.uint64] | None:
        """Read each row's key, by which other runs know it again; None where preprocessing left none."""
        paths = [path.with_suffix(KEYS) for path in self.paths]
        if not all(path.is_file() for path in paths):
            return None
        return np.concatenate([np.load(path) for path in paths])


def transformed(folder: Path, kind: str = "") -> Iterator[str]:
    """Read a batch transform's predictions for records/, which has the rows of test/ in the same order: a line a row.
    Where held-out and ``NEW`` rows were asked together, those whose files are of one ``kind``.

    Raises:
        Refused: when there is none.
    """
    paths = sorted(folder.rglob(f"{kind}*.out"))
    if not kind:
        paths = [path for path in paths if not path.name.startswith(NEW)]
    if not paths:
        raise Refused(f"{folder}: no *.out; it is what a batch transform leaves")
    for path in paths:
        with path.open(encoding="utf-8", newline="\n") as file:
            lines = (line.rstrip("\r\n") for line in file)
            yield from (f"{line}\n" for line in lines if line)  # SageMaker may part answers by blank lines


def as_csv(rows: Iterable[list[str]]) -> str:
    """Write rows as CSV text."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
