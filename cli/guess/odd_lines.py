"""Lines of a CSV that are no rows: a second header below the first, and a total at the end; and what else keeps a file
from being read, said at once. Pure.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from math import isclose

from cli.errors import UserError
from cli.guess.columns import LOOKED_AT, Column, number_of, profile
from cli.guess.header import PARTED, TOP, header_place, written_as_csv

TOTALS = frozenset({
    "total", "totals", "total:", "grand total", "subtotal", "sum", "sum:", "summe", "summe:", "gesamt", "gesamtsumme",
    "insgesamt", "zwischensumme", "somme", "totale", "suma", "totaal", "totalt", "összesen", "toplam", "итого",
})  # fmt: skip
FEWEST = 10  # rows, of which a last one may be the sum
SHOWN = 3  # cells in a message
AS_WIDE = 0.9  # of the records, those that have as many fields as most, where the mark between fields is the right one


def with_all_else(refused: str, lines: Sequence[str], encoding: str = "utf-8-sig") -> str:
    """The refusal of a file, what else would be refused of it once that is mended, and one command that mends all.

    ``lines`` are the file's, in the ``encoding`` that reads them.
    """
    try:
        mark = _mark(lines)
        records = list(csv.reader(lines, delimiter=mark))
    except csv.Error:
        return refused
    above = header_place(records[:TOP])
    below, total = _below(records[above:])
    said = [f"its fields are separated by {PARTED[mark]}"] if mark in PARTED and "separated by" not in refused else []
    if above and "stand in line" not in refused:
        said.append(f"the names of the columns stand in line {above + 1}")
    if total and "a total" not in refused:
        said.append(f"the last line looks like a total ({total}), which is no row")
    if mark == "," and not above and not below:
        return refused
    more = f"; and then: {'; '.join(said)}" if said else ""
    return f"{refused}{more}; this writes it so: {written_as_csv(encoding, mark, above, below)}"


def _mark(lines: Sequence[str]) -> str:
    """What stands between fields: that with which most records have as many, and more than one. Of rows with commas
    before decimals the header alone tells.
    """
    shares = {}
    for mark in (",", *PARTED):
        widths = Counter(map(len, filter(None, csv.reader(lines, delimiter=mark))))
        width, records = max(widths.items(), key=lambda one: one[1], default=(0, 0))
        shares[mark] = (records / widths.total(), width) if width > 1 else (0.0, 0)
    best = max(shares, key=lambda mark: shares[mark])
    return best if shares[best][0] >= AS_WIDE else ","


def _below(records: Sequence[list[str]]) -> tuple[int, str]:
    """How many records at the end are no rows, and what the total is that stands there."""
    rows = [record for record in records if len(record) == len(records[0])]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    try:
        total = _total(profile(io.StringIO(text.getvalue(), newline=""), "")) if len(rows) > 1 else ""
    except UserError:
        return 0, ""
    below = 0
    while total and (not below or not any(map(str.strip, records[-1 - below]))):
        below += 1
    return below, total


def check_lines(columns: Sequence[Column], name: str) -> None:
    """Check that the first line below the header and the last one are rows; ``name`` is how messages call the file.

    Raises:
        UserError: one of them is not.
    """
    if units := _second_header(columns):
        raise UserError(f"{name}: the first line below the header looks like a second one ({units}); remove it")
    if total := _total(columns):
        raise UserError(f"{name}: the last line looks like a total ({total}), which is no row; remove it")


def _second_header(columns: Sequence[Column]) -> str:
    """What stands in the first line, where no column of numbers has one there, and two of them a text; else ""."""
    numeric = [column for column in columns if column.numeric and column.rows > FEWEST]
    if any(number_of(column.first) is not None for column in numeric):
        return ""
    texts = [column.first for column in numeric if column.first in column.odd and column.texts[column.first] == 1]
    return _shown(texts) if len(texts) > 1 else ""


def _total(columns: Sequence[Column]) -> str:
    """What stands in the last line, where it says that it is a total, or holds the sum of what is above it; else ""."""
    if not FEWEST < columns[0].rows < LOOKED_AT:
        return ""
    words = [column.last for column in columns if column.last.casefold() in TOTALS and column.texts[column.last] == 1]
    numbers = [column for column in columns if column.numeric and number_of(column.last) is not None]
    sums = [column.last for column in numbers if _sums(column)]
    others = all(not column.last or column in numbers for column in columns if column.last not in words)
    return _shown([*words, *sums]) if sums or (words and numbers and others) else ""


def _sums(column: Column) -> bool:
    """Whether the last number is the sum of all others, none of which is below 0, and more than any of them."""
    last, rows = number_of(column.last) or 0.0, {text: number_of(text) for text in column.texts}
    if column.many or column.texts[column.last] > 1 or any((number or 0.0) < 0 for number in rows.values()):
        return False
    above = [(number or 0.0, column.texts[text]) for text, number in rows.items() if text != column.last]
    total = sum(number * count for number, count in above)
    return last > max((number for number, _ in above), default=last) and isclose(total, last, rel_tol=1e-6)


def _shown(texts: Sequence[str]) -> str:
    return ", ".join(f"'{text[:40]}'" for text in texts[:SHOWN]) + ", …" * (len(texts) > SHOWN)
