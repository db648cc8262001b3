"""Checks of an uploaded file before it is trained on: a pure, streaming CSV reader with the standard library alone.

It reads once, from first byte to last, and holds some hundred records and one small entry per id: what is good is found
good a block at a time, and only what is wrong is looked for row by row. Memory is bounded by
``CHECKED_ROWS``: rows behind it are not looked at here; the pipeline's own preprocessing, which runs on a machine of
the right size, has the last word on them (``CheckedFile.complete`` says so).
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from app.decide.names.shown_text import shown
from app.decide.uploads import readings
from app.decide.uploads.csv_blocks import Block, blocks_of
from app.decide.uploads.message_text import describe_columns, named, quoted, says, twice_in
from app.decide.uploads.profiles import Column, NotNumber, Profiler
from app.decide.uploads.published_model import Data

CHECKED_ROWS = 2_000_000  # with an id of 10 characters about 400 MB at the very most
MOST_TEXT = 1_000  # characters of a problem, and of a remedy
UNPACK, AS_CSV = "unpack it, and upload the CSV", "save it as CSV in UTF-8"
OTHER_FORMATS = {  # what a file that is no text begins with, what it is then, and what to do
    codecs.BOM_UTF16_LE: ("is UTF-16 text", AS_CSV),
    codecs.BOM_UTF16_BE: ("is UTF-16 text", AS_CSV),
    b"\x1f\x8b": ("is compressed with gzip", UNPACK),
    b"BZh91AY": ("is compressed with bzip2", UNPACK),
    b"\xfd7zXZ": ("is compressed with xz", UNPACK),
    b"\x28\xb5\x2f\xfd": ("is compressed with Zstandard", UNPACK),
    b"PAR1\x15": ("is a Parquet file", "write it as CSV in UTF-8 (pandas: read_parquet, then to_csv with index=False)"),
    b"PK\x03\x04": ("is a ZIP archive or a spreadsheet", "unpack it, or save the sheet as CSV in UTF-8"),
    b"\xd0\xcf\x11\xe0": ("is a spreadsheet of an old kind", "save the sheet as CSV in UTF-8"),
    b"Obj\x01": ("is an Avro file", "write it as CSV in UTF-8"),
}
"""Source: https://www.iana.org/assignments/media-types and https://parquet.apache.org/docs/file-format/ (a page header
follows the mark)
"""
MAX_CELL = 1_048_576  # characters in one field; a longer one is an unclosed quote
MAX_LINE = 16_777_216  # bytes between two line ends, which are held at once


class Problem(Exception):  # it is the file's problem, not the program's
    """Why a file is refused, and what to do: each a line of text, as long as a person reads."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = shown(problem, MOST_TEXT), shown(remedy, MOST_TEXT)
        super().__init__(self.problem, self.remedy)

    def message(self, file: str) -> str:
        """One line that names file, problem and remedy."""
        return refusal_message(file, self.problem, self.remedy)


def refusal_message(file: str, problem: str, remedy: str) -> str:
    """One line that names file, problem and remedy."""
    return f"{shown(file)}: {problem}; {remedy}"


@dataclass
class CheckedFile:
    """Summary of an accepted file."""

    rows: int = 0
    rows_without_target: int = 0  # left out, as the model file says
    classes: Counter[str] = field(default_factory=Counter)  # rows per label; empty where the target is a number
    repeated: int = 0  # rows of whose id a later row has the same: they do not count
    complete: bool = True  # False when only the first CHECKED_ROWS were looked at
    columns: dict[str, Column] = field(default_factory=dict)  # what the features hold


class _ByteFile(io.RawIOBase):
    """Chunks of bytes as a file; UTF-16, NUL bytes and lines without an end are refused."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self.position = 0
        self._line = 0  # bytes since the last line end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer will do
        while not self._rest:
            self._rest = next(self._chunks, b"")
            if not self._rest:
                return 0
            self._refuse_binary()
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def _refuse_binary(self) -> None:
        for mark, (problem, remedy) in OTHER_FORMATS.items() if self.position == 0 else ():
            if self._rest.startswith(mark):
                raise Problem(problem, remedy)
        if b"\0" in self._rest:
            at = self.position + self._rest.index(b"\0")
            raise Problem(f"has a NUL byte at byte {at}, so it is not UTF-8 text", "save it as CSV in UTF-8")
        self._refuse_endless_line()
        self.position += len(self._rest)

    def _refuse_endless_line(self) -> None:
        end = max(self._rest.rfind(b"\n"), self._rest.rfind(b"\r"))
        self._line = len(self._rest) - end - 1 if end >= 0 else self._line + len(self._rest)
        if self._line > MAX_LINE:
            raise Problem(f"has a line of more than {MAX_LINE:,} bytes", "end each row with a line break")


def check_file(
    chunks: Iterable[bytes], data: Data, model_file: str, baseline: Mapping[str, Any] | None = None
) -> CheckedFile:
    """Check a whole upload. Messages name the columns' origin as ``model_file``; numbers are counted by the bins of
    ``baseline``, a profile.

    A byte order mark, either line ending, and quoted fields over several lines are good; blank lines are skipped.

    Raises:
        Problem: the file cannot be trained on.
    """
    raw = io.BufferedReader(_ByteFile(chunks))  # type: ignore[type-var]  # the stubs want more than it uses
    text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(text, strict=True)
    try:
        header = next(reader, None)
        while header == []:
            header = next(reader, None)
        if header is None:
            raise Problem("is empty", "upload a CSV with a header line and rows")
        header = [name.strip() for name in header]  # as preprocessing reads it
        check_header(header, data, model_file)
        known = (baseline or {}).get("columns", {})
        edges = {name: column["edges"] for name, column in known.items() if column["kind"] == "number"}
        profiler = Profiler(header, data.kinds, edges)
        checked = _check_rows(blocks_of(reader), header, data, model_file, profiler)
    except NotNumber as error:
        says_what = says(error.text, sensitive=data.sensitive)
        problem = f"line {error.line} {says_what} in column '{error.column}', which must be a number"
        remedy = f"correct the line; if it marks a missing value, add it to data.missing in {model_file}"
        raise Problem(problem, remedy) from error
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {error.object[error.start]:#04x} near line {reader.line_num + 1})"
        raise Problem(problem, "save it as CSV in UTF-8") from error
    except csv.Error as error:
        why = "a quote is never closed" if "unexpected end" in str(error) else str(error)
        raise Problem(f"is not a CSV: line {reader.line_num}: {why}", "quote fields as RFC 4180 does") from error
    if checked.rows == 0:
        without = f"has no row with an answer in column '{data.target}'"
        what = without if checked.rows_without_target else "has a header line but no rows"
        raise Problem(what, "upload the rows too")
    checked.columns = profiler.columns
    return checked


def check_header(header: list[str], data: Data, model_file: str) -> None:
    """All columns that the model, its split and its fairness read must be there, each once; others may be.

    Raises:
        Problem: naming the columns.
    """
    columns = describe_columns(header, sensitive=data.sensitive)
    if data.target not in header:
        raise Problem(f"no column '{data.target}' {columns}", f"the column is named in {model_file}")
    if twice := twice_in(header, sensitive=data.sensitive):
        raise Problem(twice, "keep one column of each name")
    lacking = [name for name in (*data.columns, *data.beside) if name not in header]
    if lacking:
        names = "', '".join(lacking[:6])
        remedy = f"the columns are named in {model_file}"
        raise Problem(f"no column '{names}'{', …' if len(lacking) > 6 else ''} {columns}", remedy)


def _check_rows(
    blocks: Iterator[Block], header: list[str], data: Data, model_file: str, profiler: Profiler
) -> CheckedFile:
    target, identity = header.index(data.target), header.index(data.id) if data.id else None
    checked = CheckedFile()
    first_rows: dict[str, tuple[int, str]] = {}
    for lines, records in blocks:
        left = CHECKED_ROWS - checked.rows - checked.rows_without_target
        checked.complete = len(records) <= left
        lines, records = lines[:left], records[:left]
        _check_widths(lines, records, len(header))
        if data.drop_rows_without_target:  # preprocessing leaves the rows out too, and reads their numbers all the same
            has_target = [not is_missing(record[target], data) for record in records]
            profiler.check(lines, list(zip(*records, strict=True)))
            checked.rows_without_target += has_target.count(False)
            lines, records = list(compress(lines, has_target)), list(compress(records, has_target))
        if records:
            columns = list(zip(*records, strict=True))
            _check_targets(lines, columns[target], data, model_file)
            if identity is not None:
                _check_duplicate_ids(first_rows, columns[identity], lines, columns[target], data)
            profiler.add(lines, columns)
            checked.rows += len(records)
            for label, rows in Counter(columns[target]).items() if data.labels else ():
                checked.classes[label.strip()] += rows
        if not checked.complete:
            break
    checked.repeated = checked.rows - len(first_rows) if data.id else 0
    return checked


def _check_widths(lines: Sequence[int], records: list[list[str]], width: int) -> None:
    if set(map(len, records)) <= {width}:
        return
    line, count = next((line, len(record)) for line, record in zip(lines, records, strict=True) if len(record) != width)
    problem = f"line {line} has too {'many' if count > width else 'few'} fields ({count}, the header has {width})"
    raise Problem(problem, "quote fields that hold a comma, or remove the line")


def is_missing(target: str, data: Data) -> bool:
    """Whether a row has no target: it is blank or a missing mark."""
    return readings.is_missing(target, data.missing)


def _check_targets(lines: Sequence[int], targets: Sequence[str], data: Data, model_file: str) -> None:
    """Each target must be one of the model's labels, or, where it has none, a finite number that can be learnt."""
    wrong = next((target for target in dict.fromkeys(targets) if _read(target, data) is None), None)
    if wrong is None:
        return
    says_what = says(wrong, sensitive=data.sensitive)
    place = f"line {lines[targets.index(wrong)]} {says_what} in column '{data.target}'"
    if data.labels:
        known = named(data.labels)
        raise Problem(f"{place}, known are {known}", f"the labels are named in {model_file}")
    if data.log and readings.target(wrong, (), data.missing, log=False) is not None:
        raise Problem(f"{place}, whose logarithm is learnt: it must be above 0", "correct or remove the line")
    raise Problem(f"{place}, which must be a number", "correct or remove the line")


def _check_duplicate_ids(
    first_rows: dict[str, tuple[int, str]], ids: Sequence[str], lines: Sequence[int], targets: Sequence[str], data: Data
) -> None:
    """Keep each id with its first line and target; a duplicate id must have the same target, however it is written."""
    ids = [identity.strip() for identity in ids]
    if len(set(ids)) == len(ids) and first_rows.keys().isdisjoint(ids):
        first_rows.update(zip(ids, zip(lines, targets, strict=True), strict=True))
        return
    for identity, line, target in zip(ids, lines, targets, strict=True):
        first = first_rows.setdefault(identity, (line, target))
        if first[1] != target and _read(first[1], data) != _read(target, data):
            raise Problem(_contradiction(identity, first, (line, target), data), "keep the row that is right")


def _contradiction(identity: str, first: tuple[int, str], second: tuple[int, str], data: Data) -> str:
    if data.sensitive:
        same = f"lines {first[0]} and {second[0]} have the same {data.id}"
        return f"{same} and different answers in column '{data.target}'"
    problem = f"{data.id} {quoted(identity)} has different answers in column '{data.target}': "
    return problem + f"{quoted(first[1])} on line {first[0]}, {quoted(second[1])} on line {second[0]}"


def _read(target: str, data: Data) -> str | float | None:
    return readings.target(target, data.labels, data.missing, log=data.log)


def binary_file(chunks: Iterable[bytes]) -> io.BufferedReader:
    """Chunks of bytes as a binary file; UTF-16 and NUL bytes are refused."""
    return io.BufferedReader(_ByteFile(chunks))  # type: ignore[arg-type]  # the stubs want more than it uses
