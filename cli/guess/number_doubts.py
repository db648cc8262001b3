"""What a column of plain numbers may be instead: moments, or marks for a missing value. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from re import compile as pattern

from cli.guess.columns import DOUBTFUL, Column, number_of
from cli.guess.yaml_words import plain

DATED = pattern(r"(?i:date|day|datum|time|when|since|(^|[ _-])(at|on)$)")  # names of moments
SHEET_BEGAN = datetime(
    1899, 12, 30, tzinfo=UTC
)  # Source: https://learn.microsoft.com/en-us/office/troubleshoot/excel/1900-and-1904-date-system
SHEET_DAYS = range(25_569, 62_092)  # 1970 to 2069
EPOCHS = {"seconds": 1, "milliseconds": 1_000}  # since 1970, as many to a second
EPOCH = range(631_152_000, 2_524_608_000)  # seconds since 1970: 1990 to 2049
MOMENTS = 20  # different ones
MARK_ROWS, MARK_SHARE = 3, 0.01  # of a number that stands for a missing value


def number_doubt(column: Column) -> str:
    """What its numbers may be instead, and what to do then; "" where nothing speaks for it."""
    return _dots(column) or _moments(column) or _mark(column)


def _dots(column: Column) -> str:
    if column.dots != DOUBTFUL:
        return ""
    thousands = '{kind: number, number_format: {"decimal": ",", "thousands": "."}}'
    return (
        f"each has three digits behind a lone dot, read as decimals ({plain(column.name)}: number); if the dot stands "
        f"between thousands, write under columns {plain(column.name)}: {thousands}"
    )


def _moments(column: Column) -> str:
    numbers = column.numbers
    if column.distinct < MOMENTS or not all(number.is_integer() for number in numbers):
        return ""
    low, high = int(min(numbers)), int(max(numbers))
    for unit, many in EPOCHS.items():
        if low // many in EPOCH and high // many in EPOCH:
            return _as_dates(column.name, f"{unit} since 1970", *(_since_1970(one // many) for one in (low, high)))
    if DATED.search(column.name) and low in SHEET_DAYS and high in SHEET_DAYS:
        return _as_dates(column.name, "days as a spreadsheet counts them", _of_sheet(low), _of_sheet(high))
    return ""


def _since_1970(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _of_sheet(day: int) -> str:
    return (SHEET_BEGAN + timedelta(days=day)).date().isoformat()


def _as_dates(name: str, what: str, first: str, last: str) -> str:
    return (
        f"they may be {what} ({first} to {last}): write dates, to learn from month, weekday or hour; if later rows are "
        f"to be predicted from earlier ones, hold out the newest: split: {{by: {plain(name)}}}"
    )


def _mark(column: Column) -> str:
    """Say which number stands far from all others again and again, as one does that was written for a missing value."""
    rows = _rows_of(column)
    for number in (min(rows), max(rows)):
        others = [other for other in rows if other != number]
        if rows[number] < max(MARK_ROWS, MARK_SHARE * column.rows) or len(others) < MOMENTS:
            continue
        gap = min(abs(other - number) for other in others)
        far = number.is_integer() and set(str(abs(int(number)))) == {"9"} and gap > max(others) - min(others)
        if far or (number == -1 and min(others) >= 0 and rows[number] > 2 * max(rows[other] for other in others)):
            return _if_missing(column, number, rows[number], "far from all others" if far else "the one below 0")
    return ""


def _rows_of(column: Column) -> Mapping[float, int]:
    rows: dict[float, int] = {}
    for text, count in column.texts.items():
        if (number := number_of(text)) is not None:
            rows[number] = rows.get(number, 0) + count
    return rows


def _if_missing(column: Column, number: float, rows: int, where: str) -> str:
    written = ", ".join(f'"{text}"' for text in sorted(column.texts) if number_of(text) == number)
    return f"{number:g} stands in {rows:,} rows, {where}: if it means that nothing is known, write missing: [{written}]"
