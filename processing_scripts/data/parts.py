"""Read and split all uploads: the share of each row, whether it counts, and its target."""

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
    """A table, with the share and the target of each of its rows."""

    table: tables.Table
    ids: NDArray[np.object_] | None  # of test rows only, to keep memory small, unless all are asked for
    keys: NDArray[np.uint64]
    share: NDArray[np.int8]
    answers: NDArray[np.float64]  # in the target's own unit; NaN where a row has none
    keep: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    def chosen(self, share: int) -> NDArray[np.bool_]:
        """Mark the rows of ``share`` that count."""
        rows: NDArray[np.bool_] = self.keep & (self.share == share)
        return rows


def read_parts(sources: Sequence[tables.Source], settings: Settings, *, every_id: bool = False) -> list[Part]:
    """Read all uploads, oldest first, derive their features, and split their rows."""
    parts = [_part(table, settings, every_id) for source in sources for table in tables.read(source, settings.needed)]
    if not parts or not sum(part.table.rows for part in parts):
        raise Refused(f"{sources[0].name}: no rows below the header; upload a file with data")
    _mark_rows_that_count(parts, sources, settings)
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
        columns |= {rule.name: _derived(rule, columns[rule.column]) for rule in settings.derived}
    return Part(tables.Table(table.source, table.first_row, table.rows, columns), ids, keys, share, answers)


def _derived(rule: Derived, texts: tables.Texts) -> tables.Texts:
    codes, distinct = pd.factorize(np.array(rule.texts(texts.distinct.tolist()), dtype=object))
    return tables.Texts(codes.astype(np.int32)[texts.codes], np.asarray(distinct, dtype=object))


def _whole_rows(table: tables.Table, settings: Settings) -> Iterator[str]:
    """Join raw columns and target only; derived features are recomputed, since their as-of day changes per run."""
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
            raise table.source.refused(
                f", line {line}: column {settings.target!r}: {refused}; {settings.answer.remedy}"
            ) from refused
    return values[texts.codes]


def line_of(table: tables.Table, rows: NDArray[np.bool_]) -> int:
    """Find the line of the first of the marked ``rows``."""
    return tables.line_of(table.source, table.first_row + int(np.flatnonzero(rows)[0]))


def _mark_rows_that_count(parts: list[Part], sources: Sequence[tables.Source], settings: Settings) -> None:
    with_target = [~np.isnan(part.answers) for part in parts]
    _check_rows_without_target(parts, with_target, settings)
    keep = np.concatenate(with_target)
    if settings.id:
        keys = np.concatenate([part.keys for part in parts])[keep]
        _refuse_contradiction(parts, keep, keys, sources, settings)
        keep[keep] = splits.newest(keys)
    at = 0
    for part in parts:
        part.keep = keep[at : at + part.table.rows]
        at += part.table.rows


def _check_rows_without_target(parts: list[Part], with_target: list[NDArray[np.bool_]], settings: Settings) -> None:
    """Refuse rows without a target, or warn of them where the model file has them dropped."""
    missing = sum(int((~has).sum()) for has in with_target)
    if not missing:
        return
    part, has = next((part, has) for part, has in zip(parts, with_target, strict=True) if not has.all())
    line = line_of(part.table, ~has)
    if not settings.drop_rows_without_target:
        raise part.table.source.refused(
            f", line {line}: {missing} rows have no {settings.target!r} (this is the first); fill them in, or say "
            "without_target: drop in the model file"
        )
    where = f"{part.table.source.name}, line {line}"
    print(f"warning: dropped {missing} rows without {settings.target!r}; the first is {where}")


def _refuse_contradiction(
    parts: list[Part], keep: NDArray[np.bool_], keys: NDArray[np.uint64], sources: Sequence[tables.Source],
    settings: Settings,
) -> None:  # fmt: skip
    place = {source: at for at, source in enumerate(sources)}
    files = np.concatenate([np.full(part.table.rows, place[part.table.source], np.int32) for part in parts])[keep]
    clash = splits.contradiction(keys, files, np.concatenate([part.answers for part in parts])[keep])
    if clash is None:
        return
    lines = [_line_of_row(parts, int(np.flatnonzero(keep)[row])) for row in clash]
    raise sources[files[clash[0]]].refused(
        f": lines {lines[0]} and {lines[1]} have the same {settings.id!r} and different "
        f"{settings.target!r}; an id may stand twice in one file only with the same answer"
    )


def _line_of_row(parts: list[Part], row: int) -> int:
    for part in parts:
        if row < part.table.rows:
            return tables.line_of(part.table.source, part.table.first_row + row)
        row -= part.table.rows
    raise IndexError(row)
