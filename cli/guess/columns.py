"""What a CSV holds, column by column. Pure: lines in, counts out; it knows nothing of model files."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite

from cli.errors import UserError

LOOKED_AT = 200_000  # rows
MOST_TEXTS = 20_000  # distinct texts that are kept of a column; more are only known to be more
MARKS = frozenset({"na", "n/a", "nan", "null", "none", "?", "-", "--", "missing", "unknown", "."})  # in lower case
DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
COMMA = re.compile(r"-?\d+,\d+")


@dataclass
class Column:
    """One column of the rows that were looked at."""

    name: str
    rows: int = 0
    blanks: int = 0
    texts: Counter[str] = field(default_factory=Counter)  # that are not blank; at most MOST_TEXTS different ones
    many: bool = False  # there are more different texts than are kept

    def add(self, text: str) -> None:
        """One more cell."""
        self.rows += 1
        text = text.strip()
        if not text:
            self.blanks += 1
        elif len(self.texts) < MOST_TEXTS or text in self.texts:
            self.texts[text] += 1
        else:
            self.many = True

    @property
    def distinct(self) -> int:
        """Different texts that are not blank, as far as they were counted."""
        return len(self.texts)

    @property
    def description(self) -> str:
        """What it holds, in words."""
        some = ", ".join(f"'{text}'" for text, _ in self.texts.most_common(4))
        text = f"'{self.name}' holds {self.distinct} different text{'s' * (self.distinct != 1)} ({some})"
        commas = self.texts and all(COMMA.fullmatch(text) for text in self.texts)
        return f"{text}, which would be numbers with points for commas" if commas else text

    @property
    def unique(self) -> bool:
        """Whether every row has a text of its own, as far as they were counted."""
        return not self.blanks and self.distinct > 1 and max(self.texts.values()) == 1

    @property
    def numbers(self) -> list[float]:
        """The different texts that are finite numbers, as numbers."""
        return [number for text in self.texts if (number := number_of(text)) is not None]

    @property
    def marks(self) -> list[str]:
        """Texts that are no numbers and often stand for a missing value."""
        return sorted(text for text in self.texts if number_of(text) is None and text.strip().lower() in MARKS)

    @property
    def numeric(self) -> bool:
        """Whether all but marks are numbers, and there are some."""
        return bool(self.numbers) and len(self.numbers) + len(self.marks) == self.distinct

    @property
    def dated(self) -> bool:
        """Whether all texts look like dates."""
        return bool(self.texts) and all(DATE.fullmatch(text.strip()) for text in self.texts)

    @property
    def objects(self) -> bool:
        """Whether all texts look like JSON objects, whole or broken off."""
        return bool(self.texts) and all(text.lstrip().startswith("{") for text in self.texts)

    @property
    def countable(self) -> bool:
        """Whether all texts are dates as a model file reads them: the year first."""
        return self.dated and all(text.strip()[:4].isdigit() for text in self.texts)


def number_of(text: str) -> float | None:
    """The finite number that ``text`` is."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def profile(lines: Iterable[str], name: str) -> list[Column]:
    """The columns of a CSV with a header line; ``name`` is how messages call it.

    Raises:
        UserError: it cannot be read as one.
    """
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise UserError(f"{name}: is empty; it takes a CSV with a header line and rows")
        header = [column.strip() for column in header]
        _check_header(header, name)
        columns = [Column(column) for column in header]
        for record in reader:
            if not record:
                continue
            if len(record) != len(columns):
                raise UserError(
                    f"{name}: line {reader.line_num} has {len(record)} fields, the header has {len(columns)}; "
                    "quote fields that hold a comma"
                )
            for column, text in zip(columns, record, strict=True):
                column.add(text)
            if columns[0].rows >= LOOKED_AT:
                break
    except csv.Error as error:
        raise UserError(
            f"{name}: is not a CSV: line {reader.line_num}: {error}; quote fields as RFC 4180 does"
        ) from error
    if not columns[0].rows:
        raise UserError(f"{name}: has a header line but no rows")
    return columns


PARTED = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _check_header(header: list[str], name: str) -> None:
    if len(header) == 1:
        parted = next((word for mark, word in PARTED.items() if mark in header[0]), "")
        hint = f" (are its fields separated by {parted}? save it with commas)" if parted else ""
        raise UserError(f"{name}: has one column only, '{header[0][:80]}'{hint}; a target needs others to learn from")
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise UserError(f"{name}: column '{twice[0]}' is there more than once; keep one column of each name")
