"""The first line of a CSV: whether it names the columns. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence

from cli.errors import UserError

PARTED = {";": "semicolons", "\t": "tabs", "|": "bars"}
SHOWN = 4  # names in a message


def parted(header: str) -> str:
    """What separates the fields of a header that has none of the commas, in words; blank where nothing does."""
    return next((word for mark, word in PARTED.items() if header.count(mark) > header.count(",")), "")


def check_header(header: Sequence[str], name: str) -> None:
    """Check that each column has a name of its own; ``name`` is how messages call the file.

    Raises:
        UserError: there is one column only, or two of one name or of none.
    """
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
