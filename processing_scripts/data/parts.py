"""Read and split all uploads: the share of each row, whether it counts, and its target."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from features.derived import Derived, day
from job.refusals import Refused
from numpy.typing import NDArray

from data import counting, tables
from data.column_rules import ROW_KEY, Settings
from data.counting import Why
from data.splitting import row_keys, splits, time_cut
from data.splitting.row_keys import Keys


@dataclass
class Part:
    """A table, with the share and the target of each of its rows."""

    table: tables.Table
    ids: NDArray[np.object_] | None  # of test rows only, to keep memory small, unless all are asked for
    keys: Keys  # of the row itself: which rows are one, and which instance writes it
    sides: Keys  # by what it is split: rows with the same are on one side
    row: Keys  # the same as ``keys`` whatever the salt
    identity: Keys  # the same as ``sides`` whatever the salt, to be known again by later runs
    share: NDArray[np.int8]
    answers: NDArray[np.float64]  # in the target's own unit; NaN where a row has none
    moments: NDArray[np.float64] | None = None  # where the split goes by time; NaN where a row has none
    why: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))  # it does not count; 0: it does

    @property
    def keep(self) -> NDArray[np.bool_]:
        """Mark the rows that count."""
        rows: NDArray[np.bool_] = self.why == Why.COUNTS
        return rows

    def chosen(self, share: int) -> NDArray[np.bool_]:
        """Mark the rows of ``share`` that count."""
        rows: NDArray[np.bool_] = self.keep & (self.share == share)
        return rows


def read_parts(sources: Sequence[tables.Source], settings: Settings, *, every_id: bool = False) -> list[Part]:
    """Read all uploads, oldest first, derive their features, and split their rows."""
    parts = [_part(table, settings, every_id) for source in sources for table in _tables(source, settings)]
    if not parts or not sum(part.table.rows for part in parts):
        raise Refused(f"{sources[0].name}: no rows below the header; upload a file with data")
    _mark_rows_that_count(parts, sources, settings)
    if settings.by:
        _split_by_time(parts, settings)
    return parts


def _tables(source: tables.Source, settings: Settings) -> Iterator[tables.Table]:
    """Read the columns that are needed; all of them where the row itself is its key."""
    every = not settings.id and not settings.cleaned
    tables.check_columns(source, settings.needed)
    return tables.read(source, tables.header(source) if every else settings.needed)


def _part(table: tables.Table, settings: Settings, every_id: bool) -> Part:
    ids = table.columns[settings.id].rows(np.ones(table.rows, bool)) if settings.id else None
    keys, row = _own_keys(table, ids, settings)
    sides, identity = _group_keys(table, keys, row, settings) if settings.group else (keys, row)
    share = splits.shares(sides, settings.split)
    if ids is not None and not every_id and not settings.by:
        ids[share != splits.TEST] = None
    columns = {name: table.columns[name] for name in settings.needed if name in table.columns}
    answers = _answers(table, columns.pop(settings.target), settings)
    if settings.id != settings.by:
        columns.pop(settings.id or ROW_KEY, None)
    if not settings.cleaned:
        columns |= {rule.name: _derived(rule, columns[rule.column]) for rule in settings.derived}
    moments = _moments(table, settings) if settings.by else None
    kept = tables.Table(table.source, table.first_row, table.rows, columns)
    return Part(kept, ids, keys, sides, row, identity, share, answers, moments)


def _own_keys(table: tables.Table, ids: NDArray[np.object_] | None, settings: Settings) -> tuple[Keys, Keys]:
    """Give each row its key, salted and not: of its id, of what it was before it was cleaned, or of all it says."""
    if ids is not None:
        texts = np.array([text.strip() for text in ids], dtype=object)
        return splits.row_keys(texts, settings.split["salt"]), row_keys.of_texts(texts)
    if settings.cleaned:
        written = table.columns[ROW_KEY]
        row = np.array([int(text, 16) for text in written.distinct], np.uint64)[written.codes]
    else:
        answer = settings.target if settings.by_features else None
        row = row_keys.of_rows({name: table.columns[name] for name in table.columns if name != answer}, table.rows)
    salt = splits.row_keys([""], settings.split["salt"])
    return row_keys.mixed(row ^ salt), row


def _group_keys(table: tables.Table, keys: Keys, row: Keys, settings: Settings) -> tuple[Keys, Keys]:
    """Give each row the key of its group, salted and not; a row without a group keeps its own."""
    columns = [table.columns[name] for name in settings.group]
    texts = row_keys.group_texts(columns, [settings.marks(name) for name in settings.group])
    salted = splits.row_keys(texts.distinct, settings.split["salt"])[texts.codes]
    alone = (texts.distinct == "")[texts.codes]
    plain = row_keys.of_texts(texts.distinct)[texts.codes]
    return np.where(alone, keys, salted), np.where(alone, row, plain)


def _derived(rule: Derived, texts: tables.Texts) -> tables.Texts:
    codes, distinct = pd.factorize(np.array(rule.texts(texts.distinct.tolist()), dtype=object))
    return tables.Texts(codes.astype(np.int32)[texts.codes], np.asarray(distinct, dtype=object))


def _answers(table: tables.Table, texts: tables.Texts, settings: Settings) -> NDArray[np.float64]:
    values = np.empty(len(texts.distinct))
    for at, raw in enumerate(texts.distinct):
        text = raw.strip()
        try:
            blank = not text or text in settings.missing
            values[at] = np.nan if blank else settings.answer.encode(text)
        except Refused as refused:
            line = line_of(table, texts.codes == at)
            place, remedy = f", line {line}: column {settings.target!r}", settings.answer.remedy
            raise table.source.refused(
                f"{place}: {refused}; {remedy}", f"{place}: {refused.untold}; {remedy}"
            ) from refused
    return values[texts.codes]


def line_of(table: tables.Table, rows: NDArray[np.bool_]) -> int:
    """Find the line of the first of the marked ``rows``."""
    return tables.line_of(table.source, table.first_row + int(np.flatnonzero(rows)[0]))


def _moments(table: tables.Table, settings: Settings) -> NDArray[np.float64]:
    texts = table.columns[settings.by or ""]
    marks = settings.marks(settings.by or "")
    clean = ["" if (text := raw.strip()) in marks else text for raw in texts.distinct]
    return np.array([time_cut.moment(text, settings.by_format) for text in clean])[texts.codes]


def _mark_rows_that_count(parts: list[Part], sources: Sequence[tables.Source], settings: Settings) -> None:
    for part in parts:
        part.why = np.where(np.isnan(part.answers), Why.WITHOUT_TARGET, Why.COUNTS).astype(np.int8)
    _check_targets(parts, settings)
    for part in parts:
        if part.moments is not None:
            part.why[part.keep & np.isnan(part.moments)] = Why.WITHOUT_MOMENT
    if not settings.id:
        return
    keep = np.concatenate([part.keep for part in parts])
    keys = np.concatenate([part.keys for part in parts])[keep]
    place = {source: at for at, source in enumerate(sources)}
    files = np.concatenate([np.full(part.table.rows, place[part.table.source], np.int32) for part in parts])[keep]
    _refuse_contradiction(parts, keep, keys, files, settings)
    why = np.concatenate([part.why for part in parts])
    why[keep] = counting.of_ids(keys, files)
    for part, of_part in zip(parts, np.split(why, np.cumsum([part.table.rows for part in parts])[:-1]), strict=True):
        part.why = of_part


def _check_targets(parts: list[Part], settings: Settings) -> None:
    missing = sum(int((~part.keep).sum()) for part in parts)
    if missing and not settings.drop_rows_without_target:
        part = next(part for part in parts if not part.keep.all())
        raise part.table.source.refused(
            f", line {line_of(part.table, ~part.keep)}: {missing} rows have no "
            f"{settings.target!r} (this is the first); fill them in, or say without_target: drop in the model file"
        )


def _split_by_time(parts: list[Part], settings: Settings) -> None:
    """Assign shares by moments; where rows are grouped, all rows of a group have its newest moment from here on."""
    _check_moments(parts, settings)
    keep = np.concatenate([part.keep for part in parts])
    moments = np.concatenate([part.moments for part in parts if part.moments is not None])
    split = settings.split
    if settings.group:
        sides = np.concatenate([part.sides for part in parts])[keep]
        moments[keep] = time_cut.with_groups(moments[keep], sides)
        split = {**split, "grouped": True}
    edges = time_cut.cut(moments[keep], split)
    for part, own in zip(parts, np.split(moments, np.cumsum([part.table.rows for part in parts])[:-1]), strict=True):
        part.moments, part.share = own, edges.shares(own)


def _check_moments(parts: list[Part], settings: Settings) -> None:
    """Refuse a column of time of which nothing can be read, or which mixes dates and numbers."""
    by = settings.by or ""
    texts = {text for part in parts for raw in part.table.columns[by].distinct if (text := raw.strip())}
    readable = {text for text in texts if not np.isnan(time_cut.moment(text, settings.by_format))}
    dates = {text for text in readable if day(text, settings.by_format)}
    if not readable:
        examples = ", ".join(repr(text[:80]) for text in sorted(texts)[:3]) or "only blanks"
        neither = f"split.by: {by!r} holds neither dates nor numbers"
        remedy = (
            "write dates as 2026-06-30 or 2026-06-30T12:00:00, or in the model file say how they are written (under "
            "columns, kind: date with a date_format) or name another column"
        )
        raise Refused(f"{neither} ({examples}); {remedy}", f"{neither}; {remedy}")
    if dates and dates != readable:
        remedy = "write all of them in one way"
        raise Refused(
            f"split.by: {by!r} holds dates ({min(dates)!r}) and numbers ({min(readable - dates)!r}); {remedy}",
            f"split.by: {by!r} holds dates and numbers; {remedy}",
        )


def _refuse_contradiction(
    parts: list[Part], keep: NDArray[np.bool_], keys: Keys, files: NDArray[np.int32], settings: Settings
) -> None:
    clash = splits.contradiction(keys, files, np.concatenate([part.answers for part in parts])[keep])
    if clash is None:
        return
    lines = [_line_of_row(parts, int(np.flatnonzero(keep)[row])) for row in clash]
    source = _part_of(parts, int(np.flatnonzero(keep)[clash[0]]))[0].table.source
    raise source.refused(
        f": lines {lines[0]} and {lines[1]} have the same {settings.id!r} and different "
        f"{settings.target!r}; an id may stand twice in one file only with the same answer; if each row is a case, "
        f"write group: [{settings.id}] in place of id: {settings.id} in the model file"
    )


def _line_of_row(parts: list[Part], row: int) -> int:
    part, row = _part_of(parts, row)
    return tables.line_of(part.table.source, part.table.first_row + row)


def _part_of(parts: list[Part], row: int) -> tuple[Part, int]:
    for part in parts:
        if row < part.table.rows:
            return part, row
        row -= part.table.rows
    raise IndexError(row)
