"""Raw uploads to training data: split, fit on training rows, write.

Reads  input/   raw CSV files, any depth; sources.json, if there, orders and names them
       config/  the model file as JSON
Writes train/ and validation/  CSV without header, answer first, nan where missing: what the algorithm reads
       test/                   held-out rows as they were uploaded, with header
       features/features.json  the fitted transformer and the answer settings

Every instance of a job reads all rows, so that all fit the same transformer, and writes its own share of them.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import job
import numpy as np
import splits
import tables
from answers import BinaryAnswer, answer_from
from features import CategoryColumn, Column, Features, NumberColumn, ordered_levels
from numpy.typing import NDArray
from refusals import Refused

EXAMPLE = """example, on a folder of one's own:
  python -m pipelines.model_file models/churn.yaml > /tmp/churn.json
  python processing_scripts/preprocess.py --input data/ --config /tmp/churn.json --output /tmp/prepared
"""


@dataclass
class Part:
    """A table with what splitting found out about its rows."""

    table: tables.Table
    ids: NDArray[np.object_] | None  # of test rows only, to keep memory small
    keys: NDArray[np.uint64]
    share: NDArray[np.int8]
    answers: NDArray[np.float64]  # NaN where a row has none
    keep: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    def chosen(self, share: int) -> NDArray[np.bool_]:
        """Rows of ``share`` that count."""
        rows: NDArray[np.bool_] = self.keep & (self.share == share)
        return rows


@dataclass(frozen=True)
class Settings:
    """What preprocessing needs of a model file."""

    model: str
    columns: Mapping[str, str]  # name -> number | category
    target: str
    id: str | None
    missing: frozenset[str]
    drops_unanswered: bool
    split: Mapping[str, Any]
    answer: BinaryAnswer

    @staticmethod
    def parse(document: Mapping[str, Any]) -> "Settings":
        """Read a validated model file."""
        data = document["data"]
        return Settings(
            document["name"], data["columns"], data["target"], data.get("id"), frozenset(data["missing"]),
            data["without_target"] == "drop", document["split"], answer_from(data),
        )  # fmt: skip

    @property
    def needed(self) -> list[str]:
        """Columns that an upload must have."""
        return [*([self.id] if self.id else []), *self.columns, self.target]


def read_parts(found: Sequence[tables.Source], settings: Settings) -> list[Part]:
    """Read all uploads, oldest first, and split their rows."""
    parts = [_part(table, settings) for source in found for table in tables.read(source, settings.needed)]
    if not parts or not sum(part.table.rows for part in parts):
        raise Refused(f"{found[0].name}: no rows below the header; upload a file with data")
    _mark_rows_that_count(parts, found, settings)
    return parts


def _part(table: tables.Table, settings: Settings) -> Part:
    everything = np.ones(table.rows, bool)
    columns = dict(table.columns)
    answers = _answers(table, columns.pop(settings.target), settings)
    ids = columns.pop(settings.id).rows(everything) if settings.id else None
    texts = [text.strip() for text in ids] if ids is not None else _whole_rows(table)
    keys = splits.row_keys(texts, settings.split["salt"])
    share = splits.shares(keys, settings.split)
    if ids is not None:
        ids[share != splits.TEST] = None
    return Part(tables.Table(table.source, table.first_row, table.rows, columns), ids, keys, share, answers)


def _whole_rows(table: tables.Table) -> Iterator[str]:
    everything = np.ones(table.rows, bool)
    in_order = [table.columns[name].rows(everything) for name in sorted(table.columns)]
    return (splits.FIELD_SEPARATOR.join(fields) for fields in zip(*in_order, strict=True))


def _answers(table: tables.Table, texts: tables.Texts, settings: Settings) -> NDArray[np.float64]:
    values = np.empty(len(texts.distinct))
    for at, raw in enumerate(texts.distinct):
        text = raw.strip()
        try:
            blank = not text or text in settings.missing
            values[at] = np.nan if blank else settings.answer.encode(text)
        except Refused as refused:
            line = _line(table, texts.codes == at)
            raise Refused(
                f"{table.source.name}, line {line}: column {settings.target!r}: {refused}; correct the file, or "
                "positive_label and negative_label in the model file"
            ) from refused
    return values[texts.codes]


def _line(table: tables.Table, rows: NDArray[np.bool_]) -> int:
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
    where = f"{part.table.source.name}, line {_line(part.table, ~has)}"
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


def count_rows(parts: Sequence[Part], settings: Settings) -> dict[str, int]:
    """Count rows by share.

    Raises:
        Refused: when a share is empty or holds one answer only; nothing can be learnt or measured then.
    """
    counts = {}
    for share, name in enumerate(splits.SHARES):
        answers = [part.answers[part.chosen(share)] for part in parts]
        counts[name] = sum(map(len, answers))
        if not counts[name]:
            raise Refused(f"no rows for {name}: {_total(parts)} rows are too few to split; upload more data")
        kinds = set().union(*(np.unique(some).tolist() for some in answers))
        if len(kinds) == 1:
            only = settings.answer.label(kinds.pop())
            raise Refused(
                f"all {counts[name]} {name} rows have {settings.target} = {only!r}; a model needs rows with both "
                f"{settings.answer.positive_label!r} and {settings.answer.negative_label!r}: upload more data"
            )
    return counts


def _total(parts: Sequence[Part]) -> int:
    return sum(int(part.keep.sum()) for part in parts)


def fit(parts: Sequence[Part], settings: Settings) -> Features:
    """Learn the transformer from training rows only."""
    rows = count_rows(parts, settings)
    columns: list[Column] = []
    for name, kind in settings.columns.items():
        if kind == "number":
            columns.append(NumberColumn(name, settings.missing))
        else:
            columns.append(CategoryColumn(name, _levels(name, parts, settings.missing)))
    missing = tuple(sorted(settings.missing))
    return Features(settings.model, tuple(columns), settings.answer, settings.target, settings.id, missing, rows)


def _levels(name: str, parts: Sequence[Part], missing: frozenset[str]) -> dict[str, int]:
    rows: dict[str, int] = {}
    totals: dict[str, float] = {}
    for part in parts:
        train, texts = part.chosen(splits.TRAIN), part.table.columns[name]
        counted = np.bincount(texts.codes[train], minlength=len(texts.distinct)).tolist()
        summed = np.bincount(texts.codes[train], part.answers[train], len(texts.distinct)).tolist()
        for raw, count, total in zip(texts.distinct, counted, summed, strict=True):
            level = raw.strip()
            rows[level] = rows.get(level, 0) + count
            totals[level] = totals.get(level, 0.0) + total
    return ordered_levels(rows, totals, missing)


def write(parts: Sequence[Part], features: Features, folder: Path, hosts: job.Hosts) -> None:
    """Write this instance's share of the rows, in files named after it; the first instance writes the features."""
    for share, name in enumerate(splits.SHARES):
        path = folder / name / f"{hosts.current}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            if share == splits.TEST:
                lines.writerow([*([features.id] if features.id else []), *features.names, features.target])
            for part in parts:
                mine = part.chosen(share) & (part.keys % np.uint64(len(hosts.names)) == np.uint64(hosts.index))
                if share == splits.TEST:
                    lines.writerows(_raw(part, features, mine))
                else:
                    file.writelines(_encoded(part, features, mine))
    if hosts.leads:
        job.write_json(folder / "features" / "features.json", features.document())


def _raw(part: Part, features: Features, mine: NDArray[np.bool_]) -> Iterator[tuple[str, ...]]:
    columns = [part.table.columns[name].rows(mine) for name in features.names]
    labels = [features.answer.label(answer) for answer in part.answers[mine]]
    ids = [] if part.ids is None else [part.ids[mine]]
    return zip(*ids, *columns, labels, strict=True)


def _encoded(part: Part, features: Features, mine: NDArray[np.bool_]) -> Iterator[str]:
    columns = [_numbers(part.table, column).distinct[part.table.columns[column.name].codes[mine]]
               for column in features.columns]  # fmt: skip
    answers = np.array(["0", "1"], dtype=object)[part.answers[mine].astype(int)]
    return (",".join(fields) + "\n" for fields in zip(answers, *columns, strict=True))


def _numbers(table: tables.Table, column: Column) -> tables.Texts:
    texts = table.columns[column.name]
    numbers = np.empty(len(texts.distinct), dtype=object)
    for at, raw in enumerate(texts.distinct):
        try:
            numbers[at] = repr(column.number(raw)).removesuffix(".0")
        except Refused as refused:
            raise Refused(
                f"{table.source.name}, line {_line(table, texts.codes == at)}: {refused}; if it marks a missing value, "
                "add it to data.missing in the model file; if the column is text, declare it a category"
            ) from refused
    return tables.Texts(texts.codes, numbers)


def main() -> None:
    """Run on the folders of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--input", type=Path, default=job.processing_dir("input"), help="folder of raw CSV files")
    parser.add_argument("--config", type=Path, default=job.processing_dir("config"), help="the model file as JSON")
    parser.add_argument("--output", type=Path, default=job.processing_dir(), help="where the outputs' folders go")
    options = parser.parse_args()
    settings = Settings.parse(job.read_json(options.config, "model file"))
    parts = read_parts(tables.sources(options.input), settings)
    features = fit(parts, settings)
    write(parts, features, options.output, job.hosts())
    print(f"rows: {', '.join(f'{count} {name}' for name, count in features.rows.items())}")


if __name__ == "__main__":
    job.run(main)
