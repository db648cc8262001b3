"""Files that are to be scored: their records as lines for a container, and its predictions joined to their rows.

Pure: text in, text out. The container sees one line a record, in the model's column order, as a JSON list: line breaks
inside a cell survive, and no record looks like a header. A person gets every column that the file had, ids and all,
with the predictions beside them.
"""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from app.decide.names.bucket_keys import is_ignored, quarantine_key
from app.decide.names.resource_names import scoring_name
from app.decide.transform_plans import ScoresMissing, TransformFiles, answered_fields, json_line
from app.decide.uploads.csv_blocks import ROWS
from app.decide.uploads.file_checks import MAX_CELL, Problem, binary_file
from app.decide.uploads.message_text import describe_columns, says, twice_in
from app.decide.uploads.profiles import NotNumber, Profiler
from app.decide.uploads.published_model import Data

REGRESSION_COLUMNS, CLASSIFICATION_COLUMNS = ("predicted_value",), ("predicted_probability", "predicted_label")
LABEL = CLASSIFICATION_COLUMNS[-1:]
MOST_BYTES = 512 * 1024**2  # of a file, as unpacked: about a minute's work, and within a function's time in short rows
MOST_GROWTH = 6  # times a file's bytes its lines have at most: a control character is six in JSON, all else less
MOST_WRITTEN = MOST_GROWTH * MOST_BYTES  # bytes of lines, which a function keeps in its /tmp until S3 has them
SPLIT = f"split it into files of at most {MOST_BYTES // 1024**2} MiB, unpacked, each with the header line"
"""Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html (512 MB by default)"""


class Scoring(NamedTuple):
    """One file that is to be scored."""

    bucket: str
    model: str
    rest: str  # its name below scoring/<model>/
    version_id: str

    @property
    def id(self) -> str:
        """The name of the machine's execution: one object version is scored once."""
        return scoring_name(self.bucket, self.model, self.key, self.version_id)

    @property
    def key(self) -> str:
        """Key of the file."""
        return f"scoring/{self.model}/{self.rest}"

    @property
    def name(self) -> str:
        """Name of the file in messages: its key."""
        return self.key

    @property
    def files(self) -> TransformFiles:
        """Input and output of the transform job."""
        return TransformFiles(self.bucket, f"transforms/{self.model}/{self.id}")

    @property
    def scored_key(self) -> str:
        """Key of the scored file: predictions beside the file's own columns."""
        return f"scored/{self.model}/{self.rest}"

    @property
    def refused_key(self) -> str:
        """Key of the file in quarantine, if it cannot be scored."""
        return quarantine_key(self.model, f"scoring/{self.rest}")


def parse_scoring_key(bucket: str, key: str, version_id: str) -> Scoring | None:
    """Parse an object's key into the scoring that it asks for; None for names that are ignored and for others."""
    prefix, _, below = key.partition("/")
    model, _, rest = below.partition("/")
    if prefix != "scoring" or not model or is_ignored(rest):
        return None
    return Scoring(bucket, model, rest, version_id)


def bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of a file that is small enough to be scored at once.

    Raises:
        Problem: it is not.
    """
    return within(chunks, MOST_BYTES, SPLIT)


def within(chunks: Iterable[bytes], most_bytes: int, remedy: str) -> Iterator[bytes]:
    """Yield the bytes of a file that has at most so many.

    Raises:
        Problem: it has more.
    """
    size_bytes = 0
    for chunk in chunks:
        size_bytes += len(chunk)
        if size_bytes > most_bytes:
            raise Problem(f"has more than {most_bytes // 1024**2} MiB, unpacked", remedy)
        yield chunk


def check_written(size_bytes: int) -> None:
    """Lines that are ready, for the container or for people, must fit where a function keeps them.

    Raises:
        Problem: they do not.
    """
    if size_bytes > MOST_WRITTEN:
        raise Problem(f"comes to more than {MOST_WRITTEN // 1024**2} MiB of lines", SPLIT)


def feature_columns(data: Data) -> list[str]:
    """The columns that the container takes, in its order."""
    return [name for name in data.columns if name not in (data.id, data.target)]


def container_lines(chunks: Iterable[bytes], data: Data, model_file: str) -> Iterator[str]:
    """Convert a file's records to lines for the container: no header, no other columns.

    Raises:
        Problem: the file cannot be scored.
    """
    features = feature_columns(data)
    rows = records(chunks)
    header = [name.strip() for name in next(rows)[1]]  # as a container reads it
    _check_header(header, features, model_file, sensitive=data.sensitive)
    indices, profiler = [header.index(name) for name in features], Profiler(header, data.kinds, {})
    empty = True
    while block := list(itertools.islice(rows, ROWS)):
        _check_rows(block, header, profiler, sensitive=data.sensitive)
        empty = False
        for _, record in block:
            yield json_line([record[index] for index in indices])
    if empty:
        raise Problem("has a header line but no rows", "upload the rows too")


class Observer(Protocol):
    """Whoever looks at the rows as they are joined."""

    def header(self, names: list[str]) -> None:
        """The file's columns come first."""

    def row(self, record: list[str], answer: list[str]) -> None:
        """A record, and the fields of its prediction."""


def rows_with_scores(
    chunks: Iterable[bytes], predictions: Iterable[str], data: Data, observer: Observer | None = None
) -> Iterator[str]:
    """Join the file's own records with their predictions, as lines; the header first.

    Raises:
        ScoresMissing: there are more or fewer predictions than records, or one is none.
    """
    rows = records(chunks)
    given: Iterator[str] = (line for line in predictions if line.strip())  # SageMaker may part them by blank lines
    first = next(given, "")
    names = next(rows)[1]
    if observer:
        observer.header(names)
    line = _Lines().line
    columns = _score_columns(data, first)
    yield line([*names, *columns])
    given, count = itertools.chain([first], given), 0
    for _, record in rows:
        prediction = next(given, "").rstrip("\r\n")
        if not prediction:
            raise ScoresMissing(f"the transform job answered {count} records only")
        count += 1
        answer = _answer(prediction, columns, data)
        if observer:
            observer.row(record, answer)
        yield line([*record, *answer])
    if next(given, ""):
        raise ScoresMissing(f"the transform job answered more than the {count} records of the file")


def _score_columns(data: Data, prediction: str) -> tuple[str, ...]:
    """Name the fields of predictions such as this one: of several classes, where it has more than the label, each's."""
    if len(data.labels) <= 2:
        return CLASSIFICATION_COLUMNS if data.labels else REGRESSION_COLUMNS
    several = len(answered_fields(prediction)) > 1
    return (*(f"predicted_probability_{label}" for label in data.labels if several), *LABEL)


def records(chunks: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield records with the line that each ends on, without blank lines; the header first.

    Raises:
        Problem: it is no CSV in UTF-8, or empty.
    """
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.TextIOWrapper(binary_file(chunks), encoding="utf-8-sig", newline=""), strict=True)
    empty = True
    try:
        for record in reader:
            if record:
                empty = False
                yield reader.line_num, record
    except UnicodeDecodeError as error:
        raise Problem(f"is not UTF-8 text near line {reader.line_num + 1}", "save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise Problem(f"is not a CSV: line {reader.line_num}: {error}", "quote fields as RFC 4180 does") from error
    if empty:
        raise Problem("is empty", "upload a CSV with a header line and rows")


def _check_header(header: list[str], features: list[str], model_file: str, *, sensitive: bool) -> None:
    if twice := twice_in(header, sensitive=sensitive):
        raise Problem(twice, "keep one column of each name")
    lacking = [name for name in features if name not in header]
    if lacking:
        names, more = "', '".join(lacking[:6]), ", …" if len(lacking) > 6 else ""
        columns = describe_columns(header, sensitive=sensitive)
        raise Problem(f"no column '{names}'{more} {columns}", f"the columns are named in {model_file}")


def check_width(line: int, record: list[str], header: list[str]) -> None:
    """Compare a record's fields with its header's.

    Raises:
        Problem: they are more or fewer.
    """
    if len(record) != len(header):
        many = "many" if len(record) > len(header) else "few"
        problem = f"line {line} has too {many} fields ({len(record)}, the header has {len(header)})"
        raise Problem(problem, "quote fields that hold a comma, or remove the line")


def _check_rows(rows: list[tuple[int, list[str]]], header: list[str], profiler: Profiler, *, sensitive: bool) -> None:
    """Check some rows' widths and numbers: each distinct text of a column once, and up to the first odd width."""
    odd = next((at for at, (_, record) in enumerate(rows) if len(record) != len(header)), len(rows))
    try:
        if odd:
            lines, records = zip(*rows[:odd], strict=True)
            profiler.check(lines, list(zip(*records, strict=True)))
    except NotNumber as error:
        says_what = says(error.text, sensitive=sensitive)
        problem = f"line {error.line} {says_what} in column '{error.column}', which must be a number"
        raise Problem(problem, "correct the line") from error
    for line, record in rows[odd:]:
        check_width(line, record, header)


def _answer(prediction: str, columns: tuple[str, ...], data: Data) -> list[str]:
    """The fields of one prediction: one for each column, numbers but for the label."""
    fields = answered_fields(prediction)
    try:
        numbers = [float(text) for text in (fields[:-1] if data.labels else fields)]
    except ValueError:
        numbers = []
    if len(fields) != len(columns) or len(numbers) + bool(data.labels) != len(columns):
        raise ScoresMissing(f"answered {prediction[:120]!a}, which is not {', '.join(columns)}")
    return fields


class _Lines:
    """Writes records as lines of CSV, each as a text."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text)  # its own line end, so that it quotes a carriage return in a cell too

    def line(self, cells: Iterable[str]) -> str:
        """One record."""
        self._text.seek(0)
        self._text.truncate()
        self._writer.writerow(cells)
        return self._text.getvalue().removesuffix("\r\n") + "\n"
