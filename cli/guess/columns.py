"""What a CSV holds, column by column. Pure: lines in, counts out; it knows nothing of model files."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, pairwise

from app.decide.uploads.readings import finite

from cli.errors import UserError
from cli.guess.header import TOP, check_header, check_names, misplaced_header, parted
from cli.guess.writings import NumberWriting, date_formats, number_writing, unread_values

LOOKED_AT = 200_000  # rows
MOST_TEXTS = 20_000  # distinct texts that are kept of a column; more are only known to be more
MOST_PADDED = 50  # texts
MARKS = frozenset({
    "na", "n/a", "nan", "null", "none", "?", "-", "--", "missing", "unknown", ".", "#n/a", "#div/0!", "#value!",
    "#ref!", "#name?", "#num!", "#null!", "inf", "+inf", "-inf", "infinity", "-infinity", "\\n", "(null)", "<null>",
    "<na>", "n.a.", "nil", "not available", "(blank)", "(empty)", "0000-00-00", "0000-00-00 00:00:00",
})  # fmt: skip  # in lower case; errors of spreadsheets, nulls of databases and numbers without an end are no values
ODD_SHARE = 0.02  # of a column of numbers, texts at most that are none, whatever they are
STRAY_SHARE = 0.5  # texts at most that are none, for the rest to be numbers
MANY_NUMBERS = 20  # different ones; fewer may be levels that numbers name
WORDS_FOR_MISSING = 3  # different ones at most, without a digit, beside many numbers
MOST_DIGITS = 18  # of a number that counts something
ENOUGH = 20  # rows of numbers, to call the rest odd
SHORTEST_CODE = 3  # digits; fewer with a zero in front are months and hours
THREE_PLACES = re.compile(r"[+-]?(?:0|[1-9]\d{0,2}(?P<places>\.\d{3})?)")
POINT = re.compile(r"[+-]?(?:\d*\.(?!\d{3}$)\d+|(?:0|\d{4,})\.\d{3})")  # a number whose dot is before decimals
THOUSANDS, DOUBTFUL = "thousands", "doubtful"
DIGIT = re.compile(r"\d")
EXACT_DIGITS = 15  # that a number holds; more are read as another number, and name something


@dataclass
class Column:
    """One column of the rows that were looked at."""

    name: str
    rows: int = 0
    blanks: int = 0
    texts: Counter[str] = field(default_factory=Counter)  # that are not blank; at most MOST_TEXTS different ones
    many: bool = False  # there are more different texts than are kept
    next_number: int | None = None  # that the next row holds, if each row's number is one more than the last's
    climbed_to: int | None = None  # the last row's number, if each row's is above the one before
    first: str = ""  # its text in the first row, and in the last
    last: str = ""
    padded: dict[str, str] = field(default_factory=dict)  # of some texts that have blanks around them, with those
    dots: str = ""  # what lone dots before three digits are, if all its numbers may have such: THOUSANDS, DOUBTFUL

    def add(self, text: str) -> None:
        """One more cell."""
        self.rows += 1
        raw, text = text, text.strip()
        if raw != text and len(self.padded) < MOST_PADDED:
            self.padded[text] = raw
        self.last = text
        self.first = text if self.rows == 1 else self.first
        self._follow(int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None)
        if not text:
            self.blanks += 1
        elif len(self.texts) < MOST_TEXTS or text in self.texts:
            self.texts[text] += 1
        else:
            self.many = True

    def _follow(self, number: int | None) -> None:
        """Note whether the row's number goes on from the rows before."""
        first = self.rows == 1
        counts = number is not None and (first or number == self.next_number)
        climbs = number is not None and (first or (self.climbed_to is not None and number > self.climbed_to))
        self.next_number = number + 1 if number is not None and counts else None
        self.climbed_to = number if climbs else None

    @property
    def distinct(self) -> int:
        """Different texts that are not blank, as far as they were counted."""
        return len(self.texts)

    @property
    def counts_rows(self) -> bool:
        """Whether it only counts the rows, in the file's order."""
        return self.rows >= ENOUGH and self.next_number is not None

    @property
    def climbs(self) -> bool:
        """Whether it holds whole numbers that are greater from each row to the next, as numbers of cases and times are
        where rows stand in their order.
        """
        return self.rows >= ENOUGH and self.climbed_to is not None

    @property
    def numbers_rows(self) -> bool:
        """Whether it holds each whole number of a span once, in whatever order, as the numbers of shuffled rows do."""
        if self.rows < ENOUGH or self.many or not self.unique or not all(map(str.isdecimal, self.texts)):
            return False
        numbers = [int(text) for text in self.texts]
        return max(numbers) - min(numbers) + 1 == self.rows

    @cached_property
    def codes(self) -> bool:
        """Whether it holds digits that no number is: of one length, of which some begin with 0, or too many of them."""
        lengths = {len(text) for text in self._known}
        if not self._known or not all(map(str.isdecimal, self._known)):
            return False
        zero_led = len(lengths) == 1 and min(lengths) >= SHORTEST_CODE and any(text[0] == "0" for text in self._known)
        return zero_led or min(lengths) > EXACT_DIGITS

    @property
    def zero_led(self) -> bool:
        """Whether some of its texts are digits with a 0 in front, as codes have it."""
        return any(text.isdecimal() and text[0] == "0" and len(text) >= SHORTEST_CODE for text in self.texts)

    @property
    def some(self) -> str:
        """Its most common texts, for people."""
        return ", ".join(f"'{text[:40]}'" for text, _ in self.texts.most_common(4))

    @property
    def description(self) -> str:
        """What it holds, in words."""
        text = f"'{self.name}' holds {self.distinct} different text{'s' * (self.distinct != 1)} ({self.some})"
        return f"{text}, which are numbers in a writing of their own" if self.local else text

    @property
    def unique(self) -> bool:
        """Whether every row has a text of its own, as far as they were counted."""
        return not self.blanks and self.distinct > 1 and max(self.texts.values()) == 1

    @cached_property
    def numbers(self) -> list[float]:
        """The different texts that are finite numbers, as numbers."""
        return [number for text in self.texts if (number := number_of(text)) is not None]

    @cached_property
    def marks(self) -> list[str]:
        """Texts that are no numbers and often stand for a missing value."""
        return sorted(text for text in self.texts if number_of(text) is None and text.lower() in MARKS)

    @cached_property
    def strays(self) -> list[str]:
        """Of a column of which half and more are numbers, the texts that are none, and no marks either."""
        found = [text for text in self.texts if number_of(text) is None and text.lower() not in MARKS]
        rows, known = sum(self.texts[text] for text in found), self.texts.total()
        return sorted(found) if known - rows >= ENOUGH and rows <= max(1, STRAY_SHARE * known) else []

    @cached_property
    def odd(self) -> list[str]:
        """Of a column of numbers, the texts that are none and read as missing: they are few, or the same few words
        again and again beside many numbers.
        """
        rows = sum(self.texts[text] for text in self.strays)
        words = len(self.strays) <= WORDS_FOR_MISSING and not any(map(DIGIT.search, self.strays))
        plain = words and len(self.numbers) > MANY_NUMBERS and not self.zero_led
        return self.strays if plain or rows <= max(1, ODD_SHARE * self.texts.total()) else []

    @property
    def numeric(self) -> bool:
        """Whether all but marks and odd texts are numbers that are no codes, and there are some."""
        known = len(self.numbers) + len(self.marks) + len(self.odd)
        return bool(self.numbers) and not self.codes and known == self.distinct and self.dots != THOUSANDS

    @property
    def gridded(self) -> bool:
        """Whether its numbers stand on a grid that is wider than 1, as amounts do and numbers of cases do not."""
        steps = {after - before for before, after in pairwise(sorted(set(self.numbers)))}
        return self.numeric and len(steps) == 1 and steps != {1.0}

    @cached_property
    def local(self) -> NumberWriting | None:
        """How its numbers are written, if it holds numbers (and marks) in a writing of their own."""
        if self.dots == THOUSANDS:
            return NumberWriting("", "", ",", ".")
        return None if self.numeric or self.codes else number_writing(self._known)

    @cached_property
    def unread_values(self) -> str:
        """What its texts are and what to do, if they are moments or numbers that no one format reads; "" otherwise."""
        plain = self.numeric or self.codes or self.local or self.dated
        return "" if plain else unread_values(self._known)

    @cached_property
    def date_formats(self) -> list[str]:
        """The formats that read all its texts but marks as dates; more than one where day and month look alike."""
        return date_formats(self._known)

    @property
    def dated(self) -> bool:
        """Whether all texts but marks are dates."""
        return bool(self.date_formats)

    @property
    def objects(self) -> bool:
        """Whether all texts look like JSON objects, whole or broken off."""
        return bool(self.texts) and all(text.startswith("{") for text in self.texts)

    @property
    def named_like_a_value(self) -> bool:
        """Whether its name could stand in it: a number over numbers, a date over dates, one of its own texts."""
        if self.numeric or self.local:
            return number_of(self.name) is not None or bool(self.local and number_writing([self.name]))
        return self.name in self.texts or (self.dated and bool(date_formats([self.name])))

    @property
    def _known(self) -> list[str]:
        return [text for text in self.texts if text.lower() not in MARKS]


def number_of(text: str) -> float | None:
    """The finite number that ``text`` is, as jobs read it."""
    try:
        number = float(text.replace("_", "?"))  # Python takes 1_000, nobody else does
    except ValueError:
        return None
    return number if finite(number) else None


def profile(lines: Iterable[str], name: str) -> list[Column]:
    """The columns of a CSV with a header line; ``name`` is how messages call it.

    Raises:
        UserError: it cannot be read as one.
    """
    lines = iter(lines)
    top = list(islice(lines, TOP))
    try:
        columns = _read(chain(top, lines), top, name)
    except UserError as error:
        if misplaced := misplaced_header(top):
            raise UserError(f"{name}: {misplaced}") from error
        raise
    if not columns[0].rows:
        raise UserError(f"{name}: has a header line but no rows")
    _settle_dots(columns)
    check_names([column.named_like_a_value for column in columns], [column.name for column in columns], name)
    return columns


def _settle_dots(columns: Sequence[Column]) -> None:
    """Say of columns in which 512.345 may be either what it is, as the other columns are written."""
    comma = any(not column.numeric and column.local and column.local.decimal == "," for column in columns)
    point = any(column.numeric and any(map(POINT.fullmatch, column.texts)) for column in columns)
    for column in columns:
        forms = [THREE_PLACES.fullmatch(text) for text in column.texts if text.lower() not in MARKS]
        dotted = [bool(form and form["places"]) for form in forms]
        if comma and not point and all(forms) and any(dotted):
            column.dots = THOUSANDS
        elif comma == point and dotted and all(dotted):
            column.dots = DOUBTFUL


def _read(lines: Iterable[str], top: Sequence[str], name: str) -> list[Column]:
    """Read header and rows; ``top`` are the first lines."""
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise UserError(f"{name}: is empty; it takes a CSV with a header line and rows")
        header = [column.strip() for column in header]
        check_header(header, name)
        columns = [Column(column) for column in header]
        for record in filter(None, reader):
            if len(record) != len(columns):
                raise UserError(f"{name}: line {reader.line_num} {_wrong_width(record, header)}")
            for column, text in zip(columns, record, strict=True):
                column.add(text)
            if columns[0].rows >= LOOKED_AT:
                break
    except csv.Error as error:
        by = parted(top[0])
        remedy = f"its fields seem to be separated by {by}: save it with commas" if by else QUOTE
        raise UserError(f"{name}: is not a CSV: line {reader.line_num}: {error}; {remedy}") from error
    return columns


def different_rows(lines: Iterable[str], target: str) -> int:
    """How many of a CSV's rows, as many as are looked at, differ in some column but ``target``."""
    records = filter(None, csv.reader(lines, strict=True))
    places = [at for at, name in enumerate(next(records)) if name.strip() != target]
    return len({tuple(record[at].strip() for at in places) for record in islice(records, LOOKED_AT)})


QUOTE = "quote fields as RFC 4180 does"


def _wrong_width(record: list[str], header: list[str]) -> str:
    counted = f"has {len(record)} field{'s' * (len(record) != 1)}, the header has {len(header)}"
    if not header[-1] and len(record) == len(header) - 1:
        return f"{counted}, for it ends with a comma: remove that comma"
    return f"{counted}; quote fields that hold a comma"
