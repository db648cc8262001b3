"""A rolling origin: the test rows of a split by time in consecutive periods, and of each what a model reads that learns
anew before it begins. That is all rows before the period, in numbers of a transformer that was fitted on these alone.

Every instance of a job fits on all rows and writes its own share of them, as of the other outputs.

Source: Tashman (2000), Out-of-sample tests of forecasting accuracy, https://doi.org/10.1016/S0169-2070(00)00065-0
(a rolling origin, with recalibration)
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from features.features import CategoryColumn, Features
from job import world
from numpy.typing import NDArray

from data import crossfit
from data.column_rules import Settings
from data.fitting import fitted, numbers_of
from data.parts import Part
from data.splitting import sides, splits, time_cut

FOLDER, LISTING = "cuts", "cuts.json"
PERIODS, ROWS = ".npy", ".npz"
FORMAT = 1
NO_PERIOD = -1

Numbers = Mapping[str, NDArray[np.float64]]


class Cut(NamedTuple):
    """What is read of one period: numbers and answers of the rows before it, and the numbers of its own rows."""

    learnt: NDArray[np.float32]  # (rows, columns)
    answers: NDArray[np.float64]  # as the algorithm learns them, (rows,)
    questions: NDArray[np.float32]  # (rows of the period, columns)


def write(parts: Sequence[Part], folder: Path, hosts: world.Hosts, settings: Settings) -> None:
    """Write this instance's share of each cut below ``folder``, where the model file asks for some."""
    if not settings.cuts:
        return
    mine = [part.keys % np.uint64(len(hosts.names)) == np.uint64(hosts.index) for part in parts]
    periods, begins = _periods(parts, settings.cuts)
    folder.mkdir(parents=True, exist_ok=True)
    kept = [own[my & (own != NO_PERIOD)] for own, my in zip(periods, mine, strict=True)]
    np.save(folder / f"{hosts.current}{PERIODS}", np.concatenate(kept))
    read: list[dict[str, NDArray[np.float64]]] = [{} for _ in parts]
    for at, begin in enumerate(begins):
        _write_cut(
            _at_cut(parts, periods, at, begin), mine, read, folder / str(at) / f"{hosts.current}{ROWS}", settings
        )
    if hosts.leads:
        dates = sides.dated(parts, settings)
        listed = [time_cut.text(begin, dates=dates) for begin in begins]
        world.write_json(folder / LISTING, {"format": FORMAT, "begins": listed})


def _periods(parts: Sequence[Part], count: int) -> tuple[list[NDArray[np.int64]], list[float]]:
    """Number each part's test rows by period, and say at which moment each period begins."""
    test = [part.chosen(splits.TEST) for part in parts]
    given = [part.moments[rows] for part, rows in zip(parts, test, strict=True) if part.moments is not None]
    moments = np.concatenate(given)
    numbered = time_cut.periods(moments, count)
    begins = [float(moments[numbered == at].min()) for at in range(int(numbered.max()) + 1)]
    listed = []
    for rows, own in zip(test, np.split(numbered, np.cumsum([len(own) for own in given])[:-1]), strict=True):
        whole = np.full(len(rows), NO_PERIOD, np.int64)
        whole[rows] = own
        listed.append(whole)
    return listed, begins


def _at_cut(parts: Sequence[Part], periods: Sequence[NDArray[np.int64]], at: int, begin: float) -> list[Part]:
    """Let what lies before the cut be learnt from, and the rows of its period be the test; of the rest nothing is."""
    cut = []
    for part, own in zip(parts, periods, strict=True):
        before = np.zeros(len(own), bool) if part.moments is None else part.moments < begin
        share = np.where(before, splits.TRAIN, np.where(own == at, splits.TEST, splits.VALIDATION))
        cut.append(replace(part, share=share.astype(np.int8)))
    return cut


def _write_cut(
    parts: Sequence[Part], mine: Sequence[NDArray[np.bool_]], read: Sequence[dict[str, NDArray[np.float64]]],
    path: Path, settings: Settings,
) -> None:  # fmt: skip
    """Fit on what lies before, and write the numbers; ``read`` keeps those that are the same at every cut."""
    features = fitted(parts, settings, {})
    places = crossfit.places(parts, features, settings)
    learnt, answers, questions = [], [], []
    for part, own, known in zip(parts, mine, read, strict=True):
        numbers = _numbers(part, features, known)
        before = part.chosen(splits.TRAIN) & own
        learnt.append(_matrix(part, features, before, numbers, places))
        answers.append(features.answer.learnt(part.answers[before]))
        questions.append(_matrix(part, features, part.chosen(splits.TEST) & own, numbers, {}))
    path.parent.mkdir(parents=True, exist_ok=True)
    cut = Cut(np.concatenate(learnt), np.concatenate(answers), np.concatenate(questions))
    np.savez(path, **cut._asdict())


def _numbers(part: Part, features: Features, known: dict[str, NDArray[np.float64]]) -> Numbers:
    """Read each column's distinct texts; those of numbers once for all cuts."""
    for column in features.columns:
        if isinstance(column, CategoryColumn) or column.name not in known:
            known[column.name] = numbers_of(part.table, column)
    return known


def _matrix(
    part: Part, features: Features, rows: NDArray[np.bool_], numbers: Numbers, places: crossfit.Places
) -> NDArray[np.float32]:
    """Spread the rows to what trees read; ``places`` has the categories that training rows read out of fold."""
    blocks = []
    for column in features.columns:
        texts, own = part.table.columns[column.name], numbers[column.name]
        if column.name in places:
            codes, read = crossfit.rows_of(texts, own, places[column.name], part)
            blocks.append(read[codes[rows]][:, None])
        else:
            blocks.append(column.ordinal(own)[texts.codes[rows]])
    return np.hstack(blocks).astype(np.float32)


class Cuts:
    """The cuts that preprocessing left beside the test rows; ``begins`` is empty where it left none."""

    def __init__(self, folder: Path, stems: Sequence[str]) -> None:
        self._folder, self._stems = folder, stems
        listing: dict[str, Any] = {"begins": []}
        if (folder / LISTING).is_file():
            listing = world.read_json(folder / LISTING, "list of cuts")
        self.begins: list[str] = listing["begins"]

    def periods(self) -> NDArray[np.int64]:
        """Read the period of each test row, in the order of the test rows."""
        return np.concatenate([np.load(self._folder / f"{stem}{PERIODS}") for stem in self._stems])

    def read(self, at: int) -> Cut:
        """Read the cut before a period."""
        loaded = [np.load(self._folder / str(at) / f"{stem}{ROWS}") for stem in self._stems]
        return Cut(*(np.concatenate([packed[name] for packed in loaded]) for name in Cut._fields))
