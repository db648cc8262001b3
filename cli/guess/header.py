"""The first line of a CSV: whether it names the columns. Pure."""

import csv
import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from cli.errors import UserError

FILE = "FILE.csv"  # in a command: whoever knows where the file is puts its path there
PARTED = {";": "semicolons", "\t": "tabs", "|": "bars"}
SHOWN = 4  # names in a message
TOP = 12  # lines, among which a header stands
BELOW = 2  # lines as wide as a header, at least


def rewritten(column: str, meant: Mapping[str, str]) -> str:
    """The command that writes a column's texts as they are meant, and all else as it is."""
    code = (
        f"import csv,sys; c={column!r}; m={dict(meant)!r}; r=csv.DictReader(open(sys.argv[1],newline='',"
        "encoding='utf-8-sig')); r.fieldnames=[n.strip() for n in r.fieldnames]; "
        "w=csv.DictWriter(sys.stdout,r.fieldnames,lineterminator='\\n'); w.writeheader(); "
        "w.writerows(x|{c:m.get(x[c].strip(),x[c].strip())} for x in r)"
    )
    return f"python3 -X utf8 -c {shlex.quote(code)} {FILE} > new.csv"


def parted(header: str) -> str:
    """What separates the fields of a header that has none of the commas, in words; blank where nothing does."""
    return next((word for mark, word in PARTED.items() if header.count(mark) > header.count(",")), "")


def check_header(header: Sequence[str], name: str) -> None:
    """Check that each column has a name of its own; ``name`` is how messages call the file.

    Raises:
        UserError: there is one column only, or two of one name or of none; or it is no UTF-8.
    """
    if any("\0" in column for column in header):
        remedy = "if it is UTF-16 text, iconv -f UTF-16LE -t UTF-8 FILE > new.csv"
        raise UserError(f"{name}: has NUL characters in its first line, so it is not UTF-8 text; {remedy}")
    if len(header) == 1:
        by = parted(header[0])
        hint = f" (are its fields separated by {by}? save it with commas)" if by else ""
        raise UserError(f"{name}: has one column only, '{header[0][:80]}'{hint}; a target needs others to learn from")
    unnamed = [str(place) for place, column in enumerate(header, 1) if not column]
    if len(unnamed) > 1:
        places = f"{', '.join(unnamed[:-1])} and {unnamed[-1]}"
        raise UserError(f"{name}: columns {places} have no name: remove them, or name them")
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise UserError(f"{name}: column '{twice[0]}' is there more than once; keep one column of each name")


def misplaced_header(top: Sequence[str]) -> str:
    """Say where the header seems to stand, if other lines stand above it: titles, remarks, names of groups of columns;
    "" where nothing speaks for that. ``top`` are the file's first lines.
    """
    records = list(csv.reader(top))
    for at, record in enumerate(records[:-BELOW]):
        below = [other for other in records[at + 1 :] if other]
        named = len(record) > 1 and len(set(record)) == len(record) and not any(map(_no_name, record))
        if named and len(below) >= BELOW and all(len(other) == len(record) for other in below):
            if at == 0 or not any(map(_no_name, (cell for other in below for cell in other))):
                return ""
            above = f"the line above it ('{top[0].strip()[:40]}')" if at == 1 else f"the {at} lines above it"
            return f"the names of the columns seem to stand in line {at + 1}; remove {above}"
    return ""


def _no_name(text: str) -> bool:
    """Whether a cell names no column: it is blank, or a number."""
    try:
        float(text.strip() or "0")
    except ValueError:
        return False
    return True


def check_names(alike: Sequence[bool], names: Sequence[str], name: str) -> None:
    """Check that the first line is not the first row; ``alike`` says of each column whether its name could stand in it.

    Raises:
        UserError: each of them could, and they do not only count the columns, as programs name them that have no names.
    """
    if all(alike) and not _count_on(names):
        shown = ", ".join(one[:40] for one in names[:SHOWN]) + ", …" * (len(names) > SHOWN)
        raise UserError(
            f"{name}: has no header: its first line ({shown}) looks like a row; write the names of the columns above it"
        )


def _count_on(names: Collection[str]) -> bool:
    """Whether the names are whole numbers, each one more than the one before."""
    if not all(map(str.isdecimal, names)):
        return False
    numbers = [int(one) for one in names]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
