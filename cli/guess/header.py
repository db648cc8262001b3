"""The first line of a CSV: whether it names the columns. Pure."""

import csv
import json
import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from cli.errors import UserError

FILE = "FILE.csv"  # in a command: whoever knows where the file is puts its path there
LINES = r'lineterminator="\n"'  # in a command
PARTED = {";": "semicolons", "\t": "tabs", "|": "bars"}
SHOWN = 4  # names in a message
TOP = 12  # lines, among which a header stands
BELOW = 2  # lines as wide as a header, at least


def rewritten(column: str, meant: Mapping[str, str]) -> str:
    """The command that writes a column's texts as they are meant, and all else as it is."""
    return _python(f"m={_literal(meant)}; {_each_row(column, 'm.get(x[c].strip(),x[c].strip())')}")


def written_as_plain(column: str, strip: Sequence[str], thousands: str, decimal: str) -> str:
    """The command that writes a column's numbers plainly, and all else as it is."""
    taken = "".join(f'.replace({_literal(mark)},"")' for mark in (*strip, thousands) if mark)
    point = f'.replace({_literal(decimal)},".")' if decimal != "." else ""
    return _python(_each_row(column, f"x[c]{taken}{point}.strip()"))


def _each_row(column: str, value: str) -> str:
    return (
        f'import csv,sys; c={_literal(column)}; r=csv.DictReader(open(sys.argv[1],newline="",encoding="utf-8-sig")); '
        f"r.fieldnames=[n.strip() for n in r.fieldnames]; w=csv.DictWriter(sys.stdout,r.fieldnames,{LINES}); "
        f"w.writeheader(); w.writerows(x|{{c:{value}}} for x in r)"
    )


def written_as_csv(encoding: str, mark: str, above: int, below: int) -> str:
    """The command that writes a file's rows with commas, in UTF-8, without some lines at its head and end."""
    opened = f'open(sys.argv[1],newline="",encoding="{encoding}")'
    return _python(
        f"import csv,sys; r=list(csv.reader({opened},delimiter={_literal(mark)})); "
        f"csv.writer(sys.stdout,{LINES}).writerows(r[{above}:len(r)-{below}])"
    )


def json_refusal(top: Sequence[str]) -> str:
    """Say that a file is JSON, with the command that writes it as a CSV; "" where it is none."""
    first = next((line.strip() for line in top if line.strip()), "")
    lines = first.startswith("{") and _object(first)
    if not lines and not (first.startswith("[") and (first == "[" or "{" in first[:4])):
        return ""
    what = "JSON lines, one record in each" if lines else "JSON"
    read = "[json.loads(l) for l in f if l.strip()]" if lines else "json.load(f)"
    command = _python(
        f'import csv,json,sys; f=open(sys.argv[1],encoding="utf-8-sig"); r={read}; '
        f"w=csv.DictWriter(sys.stdout,list(dict.fromkeys(k for x in r for k in x)),{LINES}); w.writeheader(); "
        "w.writerows({k:json.dumps(v) if isinstance(v,(dict,list,bool)) else v for k,v in x.items()} for x in r)"
    )
    return f"is {what}, not a CSV: write it as one: {command}"


def _object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _literal(value: str | Mapping[str, str]) -> str:
    """Write a text or texts for Python, as for JSON: without single quotes, which a shell has around the whole."""
    return json.dumps(value, ensure_ascii=False)


def _python(code: str) -> str:
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
        remedy = f"if it is UTF-16 text, iconv -f UTF-16LE -t UTF-8 {FILE} > new.csv"
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
    try:
        at = header_place(list(csv.reader(top)))
    except csv.Error:  # a field that no reader takes
        return ""
    if not at:
        return ""
    above = f"the line above it ('{top[0].strip()[:40]}')" if at == 1 else f"the {at} lines above it"
    return f"the names of the columns seem to stand in line {at + 1}; remove {above}"


def header_place(records: Sequence[list[str]]) -> int:
    """How many of the first records stand above the one that names the columns."""
    for at, record in enumerate(records[:-BELOW]):
        below = [other for other in records[at + 1 :] if other]
        named = len(record) > 1 and len(set(record)) == len(record) and not any(map(_no_name, record))
        if named and len(below) >= BELOW and all(len(other) == len(record) for other in below):
            return at if any(map(_no_name, (cell for other in below for cell in other))) else 0
    return 0


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
