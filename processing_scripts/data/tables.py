"""Read raw CSV uploads into tables: each column is dictionary-encoded, codes into the list of its distinct texts.

Knows files and texts; must not know features, splits or models. A table of 200,000 rows is read at a time and kept as
small integers, so that millions of rows fit in the memory of a small instance.
"""

import csv
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from job import cells
from job.refusals import FileRefused, Refused
from job.shown_text import shown
from numpy.typing import NDArray

from data import uploaded_bytes

ROWS_AT_A_TIME = 200_000
ENDINGS = (".csv", ".csv.gz")


@dataclass(frozen=True)
class Source:
    """One upload: its path in this job, and its name for people."""

    path: Path
    name: str
    uploaded_at: str = ""  # ISO; blank where nobody says
    warnings: Sequence[Mapping[str, str]] = field(default=(), compare=False)  # of the checks when it arrived
    object: str = ""  # its name in the manifest; blank where a folder is read by hand
    content: str = ""  # sha256 of its bytes, where it is known
    batch: str = ""  # those that were uploaded together have one

    @property
    def identity(self) -> str:
        """Name what was uploaded: its content, else the version of its object, else the file."""
        return self.content or self.object or self.name

    def refused(self, why: str, untold: str | None = None) -> FileRefused:
        """Say why this upload cannot be used; ``why`` goes on behind its name, ``untold`` quotes nothing of it."""
        return FileRefused(f"{self.name}{why}", f"{self.name}{why if untold is None else untold}", self.object)


@dataclass(frozen=True)
class Texts:
    """A column as distinct texts: row ``i`` holds ``distinct[codes[i]]``."""

    codes: NDArray[np.int32]
    distinct: NDArray[np.object_]

    def rows(self, which: NDArray[np.bool_]) -> NDArray[np.object_]:
        """Decode the rows that are marked in ``which``."""
        return self.distinct[self.codes[which]]


@dataclass(frozen=True)
class Table:
    """Up to ``ROWS_AT_A_TIME`` rows of one upload; ``first_row`` counts data rows from 0."""

    source: Source
    first_row: int
    rows: int
    columns: dict[str, Texts]


def sources(folder: Path) -> list[Source]:
    """Find the uploads below ``folder``, oldest first.

    ``sources.json`` gives order and names; without it, files stand in the order of their paths.

    Raises:
        Refused: when there is no ``.csv`` or ``.csv.gz``, or a file of ``sources.json`` is not there.
    """
    listed = sorted(folder.rglob("sources.json"))
    if listed:
        return [source for path in listed for source in _listed(path, folder)]
    paths = [path for path in sorted(folder.rglob("*")) if path.name.lower().endswith(ENDINGS) and path.is_file()]
    if not paths:
        raise Refused(f"{folder}: no CSV file; put the data set there, as one or more files ending in .csv")
    return [Source(path, shown(path.relative_to(folder).as_posix())) for path in paths]


def _listed(listing: Path, folder: Path) -> Iterator[Source]:
    for entry in json.loads(listing.read_text("utf-8")):
        path = folder / entry["object"]
        if not path.is_file():
            raise Refused(f"{entry['key']}: listed in {listing.name} but {entry['object']} is not in {folder}")
        known = entry.get("uploaded_at", ""), entry.get("warnings", ())
        told_apart = entry.get("content", ""), str(entry.get("batch", ""))
        yield Source(path, shown(entry["key"]), *known, entry["object"], *told_apart)


def header(source: Source) -> list[str]:
    """Read the column names of an upload.

    Raises:
        Refused: when it is empty, not text, or names a column twice.
    """
    with uploaded_bytes.open_text(source.path) as file:
        try:
            first = next(filter(None, cells.reader(file)), [])  # blank lines before it are skipped, as below it
            names = [name.strip() for name in first]
        except (UnicodeDecodeError, csv.Error) as error:
            raise source.refused(f": not a CSV file in UTF-8 ({error}); save it as CSV UTF-8") from error
        except uploaded_bytes.UNREADABLE as error:
            raise source.refused(_damaged(error)) from error
    if not any(names):
        raise source.refused(": the file is empty; its first line must name the columns")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise source.refused(
            f": column '{shown(twice[0], 80)}' stands twice in the header; name each column once",
            ": a name stands twice in the header; name each column once",
        )
    return names


def read(source: Source, needed: Sequence[str]) -> Iterator[Table]:
    """Read the ``needed`` columns of an upload, table by table, every field as the text that it is.

    Raises:
        Refused: when a column is absent, a row has too many fields, or the file is not CSV in UTF-8.
    """
    names = header(source)
    _all_there(source, names, needed)
    first_row = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # else fields that are too many are dropped
            for frame in _frames(source, names):
                columns = {name: _texts(frame[name]) for name in needed}
                yield Table(source, first_row, len(frame), columns)
                first_row += len(frame)
    except pd.errors.ParserWarning as error:
        raise source.refused(f": rows have more fields than the header's {len(names)}; {_QUOTE}") from error
    except pd.errors.ParserError as error:
        raise source.refused(f": {_parser_words(error)}; {_QUOTE}") from error
    except UnicodeDecodeError as error:
        raise source.refused(f": not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error
    except uploaded_bytes.UNREADABLE as error:
        raise source.refused(_damaged(error)) from error


def _damaged(error: Exception) -> str:
    return f": compressed with gzip, and cannot be unpacked ({error}); compress and upload it again"


_QUOTE = "put fields that hold commas or line breaks in double quotes"


def check_columns(source: Source, needed: Sequence[str]) -> None:
    """Refuse an upload that lacks a column that is ``needed``.

    Raises:
        Refused: naming what is absent and what is there.
    """
    _all_there(source, header(source), needed)


def _frames(source: Source, names: list[str]) -> Iterator[pd.DataFrame]:
    with uploaded_bytes.open_bytes(source.path) as file:
        reader = pd.read_csv(
            file, header=0, names=names, index_col=False, dtype=str, na_filter=False, engine="c",
            encoding="utf-8-sig", chunksize=ROWS_AT_A_TIME, low_memory=False,
        )  # fmt: skip
        with reader:
            yield from reader


def _all_there(source: Source, names: list[str], needed: Sequence[str]) -> None:
    absent = [name for name in needed if name not in names]
    if not absent:
        return
    there = ", ".join(shown(name, 40) for name in names[:8]) + (", …" if len(names) > 8 else "")
    hint = "; fields seem to be separated by ';', save it with commas" if len(names) == 1 and ";" in names[0] else ""
    absence, count = f": no column {', '.join(map(repr, absent[:5]))}", f"found {len(names)} columns"
    remedy = "the model file names the columns that every upload must have"
    raise source.refused(f"{absence} ({count}: {there}){hint}; {remedy}", f"{absence} ({count}); {remedy}")


def _texts(column: "pd.Series[str]") -> Texts:
    codes, distinct = pd.factorize(column.to_numpy(dtype=object))
    return Texts(codes.astype(np.int32), np.asarray(distinct, dtype=object))


def _parser_words(error: Exception) -> str:
    return str(error).removeprefix("Error tokenizing data. C error: ").strip()


def line_of(source: Source, row: int) -> int:
    """Find the line, from 1, on which data row ``row`` (from 0) ends; quoted fields may span lines."""
    with uploaded_bytes.open_text(source.path) as file:
        reader = cells.reader(file)
        seen = -2
        for fields in reader:
            seen += bool(fields)
            if seen == row:
                return reader.line_num
    return row + 2
