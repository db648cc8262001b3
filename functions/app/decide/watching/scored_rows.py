"""What a scored file holds, counted as its rows are joined with their answers: bounded memory, nothing quoted. Pure."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from app.decide.uploads.data_checks import bins
from app.decide.uploads.profiles import Profiler
from app.decide.uploads.published_model import Data

BLOCK = 256  # rows that are looked at together
MOST_ROWS = 200_000  # of a file that are counted: more say nothing more, and take time
ANSWERS = "(answers)"  # the name of a window's column that is what was answered


class ScoredRows:
    """Counts the rows of one file per bin of the ``baseline``, and what was answered."""

    def __init__(self, data: Data, baseline: Mapping[str, Any]) -> None:
        self._known = baseline.get("columns", {})
        self._data, self._block, self._seen = data, list[list[str]](), 0
        self._profiler: Profiler | None = None
        self._labels = dict.fromkeys(data.labels, 0)
        self._edges = [float(edge) for edge in self._known.get(data.target, {}).get("edges", ())]
        self._values = [0] * (len(self._edges) + 1)

    def header(self, names: list[str]) -> None:
        """Take the file's columns."""
        edges = {name: column["edges"] for name, column in self._known.items() if column["kind"] == "number"}
        self._profiler = Profiler([name.strip() for name in names], self._data.kinds, edges)

    def row(self, record: list[str], answer: list[str]) -> None:
        """Count a row and its answer."""
        self._seen += 1
        if self._seen > MOST_ROWS:
            return
        self._block.append(record)
        if self._data.labels:
            if answer[-1] in self._labels:
                self._labels[answer[-1]] += 1
        else:
            self._values[bisect_left(self._edges, float(answer[0]))] += 1
        if len(self._block) == BLOCK:
            self._flush()

    def _flush(self) -> None:
        if self._profiler and self._block:
            columns = [list(column) for column in zip(*self._block, strict=True)]
            self._profiler.add([0] * len(self._block), columns)
            self._block.clear()

    def counts(self) -> dict[str, list[int]]:
        """Rows per bin, by column; and of the answers, none of which is missing."""
        self._flush()
        columns = self._profiler.columns if self._profiler else {}
        found = {name: bins(column, self._known[name]) for name, column in columns.items() if name in self._known}
        answers = [0, *self._labels.values(), 0] if self._data.labels else [0, *self._values]
        return {name: counts[0] for name, counts in found.items() if counts} | {ANSWERS: answers}


def answered(data: Data, counts: list[int]) -> dict[str, Any]:
    """The profile of the answers of a version's first window, which later ones are held against."""
    if data.labels:
        levels = dict(zip(data.labels, counts[1:], strict=False))
        return {"kind": "category", "missing": 0, "levels": levels, "other": 0}
    return {"kind": "number", "missing": 0, "counts": counts[1:]}
