"""Whether an uploaded file may be trained on: a pure, streaming reader of CSV with the standard library alone.

It reads once, from first byte to last, and holds some hundred records and one small entry per id: what is good is found
good a block at a time, and only what is wrong is looked for row by row. Memory is bounded by
``CHECKED_ROWS``: rows behind it are not looked at here; the pipeline's own preprocessing, which runs on a machine of
the right size, has the last word on them (``Checked.complete`` says so).
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from math import isfinite
from typing import Any

from app.decide.rules import shortened
from app.decide.uploads.csv_blocks import Block, blocks_of
from app.decide.uploads.profiles import Column, NotNumber, Profiler
from app.decide.uploads.published_model import Data

CHECKED_ROWS = 2_000_000  # with an id of 10 characters about 400 MB at the very most
MAX_CELL = 1_048_576  # characters in one field; a longer one is an unclosed quote


class Problem(Exception):  # it is the file's problem, not the program's
    """Why a file is refused, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def message(self, file: str) -> str:
        """One line that names file, problem and remedy."""
        return f"{file}: {self.problem}; {self.remedy}"


@dataclass
class Checked:
    """What an accepted file holds."""

    rows: int = 0
    unanswered: int = 0  # rows that are left out, as the model file says
    classes: Counter[str] = field(default_factory=Counter)  # rows per label; empty where the target is a number
    complete: bool = True  # False when only the first CHECKED_ROWS were looked at
    columns: dict[str, Column] = field(default_factory=dict)  # what the features hold


class _Bytes(io.RawIOBase):
    """Chunks of bytes as a file that refuses what no text file holds."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self.seen = 0

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
        if self.seen == 0 and self._rest[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise Problem("is UTF-16 text", "save it as CSV in UTF-8")
        if b"\0" in self._rest:
            at = self.seen + self._rest.index(b"\0")
            raise Problem(f"has a NUL byte at byte {at}, so it is not UTF-8 text", "save it as CSV in UTF-8")
        self.seen += len(self._rest)


def check_file(
    chunks: Iterable[bytes], data: Data, model_file: str, baseline: Mapping[str, Any] | None = None
) -> Checked:
    """Read a whole upload. ``model_file`` is how messages name the file that the columns are from; numbers are counted
    by the bins of ``baseline``, a profile.

    A byte order mark, either line ending, and quoted fields over several lines are good; blank lines are skipped.

    Raises:
        Problem: the file cannot be trained on.
    """
    raw = io.BufferedReader(_Bytes(chunks))  # type: ignore[type-var]  # the stubs want more than it uses
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
        problem = f"line {error.line} says '{_clipped(error.text)}' in column '{error.column}', which must be a number"
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
        what = without if checked.unanswered else "has a header line but no rows"
        raise Problem(what, "upload the rows too")
    checked.columns = profiler.columns
    return checked


def seen(header: list[str]) -> str:
    """The columns that a file has, for a message that misses one."""
    hint = ", so it may not be separated by commas" if len(header) == 1 else ""
    return f"(found {len(header)} column{'s' if len(header) != 1 else ''}: {_clipped(shortened(header, 3))}){hint}"


def check_header(header: list[str], data: Data, model_file: str) -> None:
    """All of the model's columns must be there, each once; others may be.

    Raises:
        Problem: naming the columns.
    """
    found = seen(header)
    if data.target not in header:
        raise Problem(f"no column '{data.target}' {found}", f"the column is named in {model_file}")
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise Problem(f"column '{shortened(twice)}' is there more than once", "keep one column of each name")
    lacking = [name for name in data.columns if name not in header]
    if lacking:
        names = "', '".join(lacking[:6])
        remedy = f"the columns are named in {model_file}"
        raise Problem(f"no column '{names}'{', …' if len(lacking) > 6 else ''} {found}", remedy)


def _check_rows(blocks: Iterator[Block], header: list[str], data: Data, model_file: str, profiler: Profiler) -> Checked:
    target, identity = header.index(data.target), header.index(data.id) if data.id else None
    checked = Checked()
    known: dict[str, tuple[int, str]] = {}
    for lines, records in blocks:
        left = CHECKED_ROWS - checked.rows - checked.unanswered
        checked.complete = len(records) <= left
        lines, records = lines[:left], records[:left]
        _check_widths(lines, records, len(header))
        if data.drops_unanswered:  # preprocessing leaves the rows out too
            answered = [not is_blank(record[target], data) for record in records]
            checked.unanswered += answered.count(False)
            lines, records = list(compress(lines, answered)), list(compress(records, answered))
        if records:
            columns = list(zip(*records, strict=True))
            _check_answers(lines, columns[target], data, model_file)
            if identity is not None:
                _remember(known, columns[identity], lines, columns[target], data)
            profiler.add(lines, columns)
            checked.rows += len(records)
            for answer, rows in Counter(columns[target]).items() if data.labels else ():
                checked.classes[answer.strip()] += rows
        if not checked.complete:
            break
    return checked


def _check_widths(lines: Sequence[int], records: list[list[str]], width: int) -> None:
    if set(map(len, records)) <= {width}:
        return
    line, found = next((line, len(record)) for line, record in zip(lines, records, strict=True) if len(record) != width)
    problem = f"line {line} has too {'many' if found > width else 'few'} fields ({found}, the header has {width})"
    raise Problem(problem, "quote fields that hold a comma, or remove the line")


def is_blank(answer: str, data: Data) -> bool:
    """Whether the target says nothing."""
    return not answer.strip() or answer.strip() in data.missing


def _check_answers(lines: Sequence[int], answers: Sequence[str], data: Data, model_file: str) -> None:
    """The target must say one of the model's labels, or, where it has none, a finite number."""
    wrong = next((answer for answer in dict.fromkeys(answers) if not _is_answer(answer, data)), None)
    if wrong is None:
        return
    said = f"line {lines[answers.index(wrong)]} says '{_clipped(wrong)}' in column '{data.target}'"
    if data.labels:
        known = " and ".join(f"'{label}'" for label in data.labels)
        raise Problem(f"{said}, known are {known}", f"the labels are named in {model_file}")
    raise Problem(f"{said}, which must be a number", "correct or remove the line")


def _is_answer(answer: str, data: Data) -> bool:
    if data.labels:
        return answer.strip() in data.labels
    try:
        return isfinite(float(answer))
    except ValueError:
        return False


def _remember(
    known: dict[str, tuple[int, str]], ids: Sequence[str], lines: Sequence[int], answers: Sequence[str], data: Data
) -> None:
    """Keep each id with its first line and answer; an id that comes again must come with the same answer."""
    if len(set(ids)) == len(ids) and known.keys().isdisjoint(ids):
        known.update(zip(ids, zip(lines, answers, strict=True), strict=True))
        return
    for identity, line, answer in zip(ids, lines, answers, strict=True):
        first = known.setdefault(identity, (line, answer))
        if first[1] != answer:
            problem = f"{data.id} '{identity}' has different answers in column '{data.target}': "
            problem += f"'{first[1]}' on line {first[0]}, '{answer}' on line {line}"
            raise Problem(problem, "keep the row that is right")


def _clipped(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[:limit] + "…"


def bytes_of(chunks: Iterable[bytes]) -> io.BufferedReader:
    """Chunks of bytes as a file, which refuses what no text file holds."""
    return io.BufferedReader(_Bytes(chunks))  # type: ignore[arg-type]  # the stubs want more than it uses
