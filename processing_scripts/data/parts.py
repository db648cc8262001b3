"""All uploads, read and split: which row goes where, which count, and what their answers are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from features.derived import Derived
from job.refusals import Refused
from numpy.typing import NDArray

from data import splits, tables
from data.column_rules import Settings


@dataclass
class Part:
    """A table with what splitting found out about its rows."""

    table: tables.Table
    ids: NDArray[np.object_] | None  # of test rows only, to keep memory small, unless all are asked for
    keys: NDArray[np.uint64]
    share: NDArray[np.int8]
    answers: NDArray[np.float64]  # in the target's own unit; NaN where a row has none
    keep: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    def chosen(self, share: int) -> NDArray[np.bool_]:
        """Rows of ``share`` that count."""
        rows: NDArray[np.bool_] = self.keep & (self.share == share)
        return rows


def read_parts(found: Sequence[tables.Source], settings: Settings, *, every_id: bool = False) -> list[Part]:
    """Read all uploads, oldest first, derive their features, and split their rows."""
    parts = [_part(table, settings, every_id) for source in found for table in tables.read(source, settings.needed)]
    if not parts or not sum(part.table.rows for part in parts):
        raise Refused(f"{found[0].name}: no rows below the header; upload a file with data")
    _mark_rows_that_count(parts, found, settings)
    return parts


def _part(table: tables.Table, settings: Settings, every_id: bool) -> Part:
    everything = np.ones(table.rows, bool)
    columns = dict(table.columns)
    answers = _answers(table, columns.pop(settings.target), settings)
    ids = columns.pop(settings.id).rows(everything) if settings.id else None
    texts = [text.strip() for text in ids] if ids is not None else _whole_rows(table, settings)
    keys = splits.row_keys(texts, settings.split["salt"])
    share = splits.shares(keys, settings.split)
    if ids is not None and not every_id:
        ids[share != splits.TEST] = None
    if not settings.cleaned:
        columns |= {one.name: _derived(one, columns[one.column]) for one in settings.derived}
    return Part(tables.Table(table.source, table.first_row, table.rows, columns), ids, keys, share, answers)


def _derived(rule: Derived, texts: tables.Texts) -> tables.Texts:
    codes, distinct = pd.factorize(np.array(rule.texts(texts.distinct.tolist()), dtype=object))
    return tables.Texts(codes.astype(np.int32)[texts.codes], np.asarray(distinct, dtype=object))


def _whole_rows(table: tables.Table, settings: Settings) -> Iterator[str]:
    """Raw columns and target: what is derived may count to another day in the next run."""
    everything = np.ones(table.rows, bool)
    raw = [*settings.columns, settings.target]
    in_order = [table.columns[name].rows(everything) for name in sorted(raw)]
    return (splits.FIELD_SEPARATOR.join(fields) for fields in zip(*in_order, strict=True))


def _answers(table: tables.Table, texts: tables.Texts, settings: Settings) -> NDArray[np.float64]:
    values = np.empty(len(texts.distinct))
    for at, raw in enumerate(texts.distinct):
        text = raw.strip()
        try:
            blank = not text or text in settings.missing
            values[at] = np.nan if blank else settings.answer.encode(text)
        except Refused as refused:
            line = line_of(table, texts.codes == at)
            raise Refused(
                f"{table.source.name}, line {line}: column {settings.target!r}: {refused}; {settings.answer.remedy}"
            ) from refused
    return values[texts.codes]


def line_of(table: tables.Table, rows: NDArray[np.bool_]) -> int:
    """The line of the first of the marked ``rows``."""
    return tables.line_of(table.source, table.first_row + int(np.flatnonzero(rows)[0]))


def _mark_rows_that_count(parts: list[Part], found: Sequence[tables.Source], settings: Settings) -> None:
    answered = [~np.isnan(part.answers) for part in parts]
    _refuse_unanswered(parts, answered, settings)
    keep = np.concatenate(answered)
    if settings.id:
        keys = np.concatenate([part.keys for part in parts])[keep]
        _refuse_contradiction(parts, keep, keys, found, settings)
        keep[keep] = splits.newest(keys)
    at = 0
    for part in parts:
        part.keep = keep[at : at + part.table.rows]
        at += part.table.rows


def _refuse_unanswered(parts: list[Part], answered: list[NDArray[np.bool_]], settings: Settings) -> None:
    missing = sum(int((~has).sum()) for has in answered)
    if not missing:
        return
    part, has = next((part, has) for part, has in zip(parts, answered, strict=True) if not has.all())
    where = f"{part.table.source.name}, line {line_of(part.table, ~has)}"
    if not settings.drops_unanswered:
        raise Refused(
            f"{where}: {missing} rows have no {settings.target!r} (this is the first); fill them in, or say "
            "without_target: drop in the model file"
        )
    print(f"warning: dropped {missing} rows without {settings.target!r}; the first is {where}")


def _refuse_contradiction(
    parts: list[Part], keep: NDArray[np.bool_], keys: NDArray[np.uint64], found: Sequence[tables.Source],
    settings: Settings,
) -> None:  # fmt: skip
    place = {source: at for at, source in enumerate(found)}
    files = np.concatenate([np.full(part.table.rows, place[part.table.source], np.int32) for part in parts])[keep]
    clash = splits.contradiction(keys, files, np.concatenate([part.answers for part in parts])[keep])
    if clash is None:
        return
    lines = [_line_of_row(parts, int(np.flatnonzero(keep)[row])) for row in clash]
    raise Refused(
        f"{found[files[clash[0]]].name}: lines {lines[0]} and {lines[1]} have the same {settings.id!r} and different "
        f"{settings.target!r}; an id may stand twice in one file only with the same answer"
    )


def _line_of_row(parts: list[Part], row: int) -> int:
    for part in parts:
        if row < part.table.rows:
            return tables.line_of(part.table.source, part.table.first_row + row)
        row -= part.table.rows
    raise IndexError(row)
