"""Columns of which texts are of two kinds, as numbers or dates and others: what they are, and the line that reads them.

Pure.
"""

import re
from collections.abc import Sequence

from cli.guess.columns import ENOUGH, MANY_NUMBERS, MARKS, STRAY_SHARE, Column, number_of
from cli.guess.header import rewritten
from cli.guess.writings import commonest_date_format, commonest_writing, number_writing
from cli.guess.yaml_words import plain, quoted

CODED = re.compile(r"[A-Z]{1,3}[-.]?\d[\w.]*")  # V57, beside 250: both only name something
WORDS_OF_TRUTH = frozenset({"yes", "no", "y", "n", "true", "false", "t", "f", "1", "0", "on", "off", "ja", "nein"})
MOST_LISTED = 60  # texts in a line that is to be pasted
MOST_LABEL_DIGITS = 7  # that tell any two numbers apart as they are compared
TRUTHS = {"true": "1", "false": "0"}  # where answers are nothing but these, as levels of 0 and 1 have them
SOME_NUMBERS = 5  # different ones, for a category to be doubted


def mixed(column: Column) -> str:
    """What a column of many numbers and of other texts is, and the lines that take it as one or the other; "" where it
    is none, or its numbers are few or codes, so that it may be a category.
    """
    read = column.numeric or column.codes or column.dated or column.local
    if read or _codes(column) or (column.unread_values and not column.strays):
        return ""
    if column.strays:
        return f"{but(column)}: {_lines(column)}" if len(column.numbers) > MANY_NUMBERS else ""
    return _mostly_written(column)


def mixed_dates(column: Column) -> str:
    """What a column of many dates and of other texts is, and the lines that take it; "" where it is none."""
    if column.numeric or column.codes or column.dated or column.local or column.unread_values:
        return ""
    known = [text for text in column.texts if text.lower() not in MARKS]
    form, read = commonest_date_format(known)
    others, rows = sorted(set(known) - read), sum(column.texts[text] for text in read)
    if rows < ENOUGH or column.texts.total() - rows > STRAY_SHARE * column.texts.total():
        return ""
    kind = "date" + (f", date_format: {quoted(form)}" if form else "")
    line = _missing(column, [*column.marks, *others], kind)
    derived = f"{plain(f'month of {column.name}')}: {{from: {quoted(column.name)}, as: month}}"
    return f"{_but(column, others, 'dates')}: correct them, or under columns {line}, and under derived {derived}"


def doubt(column: Column) -> str:
    """A word about a category of which most texts are numbers, with the line that takes it as numbers."""
    if column.numeric or not column.strays or len(column.numbers) <= SOME_NUMBERS:
        return ""
    return f"{but(column)}: if they are amounts, write each as a number, or {_as_number(column)}"


def several_writings(column: Column) -> str:
    """Say that a category has one level in several writings; "" where nothing speaks for that."""
    folded: dict[str, str] = {}
    for text in column.texts:
        if (other := folded.setdefault(text.casefold(), text)) != text:
            return f"'{other[:40]}' and '{text[:40]}' differ by capitals alone, and are levels of their own"
    if len(folded) > 2 and set(folded) <= WORDS_OF_TRUTH:
        return "yes and no in several writings, which are levels of their own: write each in one way"
    return ""


def one_in_two_writings(goal: Column, labels: Sequence[str]) -> str:
    """Which labels are one answer in several writings, by capitals or as numbers, in how many rows each, and the
    command that writes them in one; "" where none are.
    """
    written = {label: _writing(label) for label in labels}
    truths = set(written.values()) <= {*TRUTHS, *TRUTHS.values()}
    alike: dict[str, list[str]] = {}
    for label, writing in written.items():
        alike.setdefault(TRUTHS.get(writing, writing) if truths else writing, []).append(label)
    several = [group for group in alike.values() if len(group) > 1]
    if not several:
        return ""
    how = "differ by capitals alone" if len({label.casefold() for label in several[0]}) == 1 else "mean one answer"
    said = " and ".join(f"'{label[:40]}'" for label in several[0])
    counts = ", ".join(f"{goal.texts[label]:,} rows '{label[:40]}'" for group in several for label in group)
    padded = next((goal.padded[label] for group in several for label in group if label in goal.padded), "")
    blanks = f"; blanks around them, as in '{padded[:40]}', do not count" if padded else ""
    meant = {
        label: max(group, key=lambda text: goal.texts[text]) for group in several for label in group
    }  # fmt: skip
    return (
        f"'{goal.name}' says {said}, which {how}: write each answer in one way ({counts}{blanks}): "
        f"{rewritten(goal.name, meant)}"
    )


def _writing(label: str) -> str:
    """What a label says, however it is written: as features read levels, with capitals small."""
    number = number_of(label)
    return f"{number:g}" if number is not None and len(label) < MOST_LABEL_DIGITS else label.casefold()


def but(column: Column) -> str:
    """What of a column of numbers is none."""
    return _but(column, column.strays, "numbers")


def _but(column: Column, others: list[str], what: str) -> str:
    odd = sum(column.texts[text] for text in others)
    said = ", ".join(f"'{text[:40]}'" for text in others[:4]) + (", …" if len(others) > 4 else "")
    known = column.texts.total()
    return f"{known - odd:,} of {known:,} are {what}, the other{'s' * (odd != 1)} {'are' if odd != 1 else 'is'} {said}"


def _codes(column: Column) -> bool:
    """Whether its numbers name something: some begin with 0, or all others are letters before digits."""
    return column.zero_led or (bool(column.strays) and all(map(CODED.fullmatch, column.strays)))


def _lines(column: Column) -> str:
    return f"write each as a number, or under columns {_as_number(column)}; {_as_names(column)}"


def _as_number(column: Column) -> str:
    """The line under columns: a unit that only some have is taken off, all else is read as missing."""
    written = number_writing(column.strays)
    if written and written.decimal == "." and not written.thousands:
        marks = f", missing: {quoted(column.marks)}" if column.marks else ""
        return f"{plain(column.name)}: {{kind: number, number_format: {quoted(written.document())}{marks}}}"
    return _missing(column, [*column.marks, *column.strays])


def _missing(column: Column, texts: list[str], kind: str = "number") -> str:
    if len(texts) > MOST_LISTED:
        return f"{plain(column.name)}: {{kind: {kind}, missing: […]}} with each of the {len(texts)} others"
    return f"{plain(column.name)}: {{kind: {kind}, missing: {quoted(texts)}}}"


def _as_names(column: Column) -> str:
    return f"if they only name something, {plain(column.name)}: category"


def _mostly_written(column: Column) -> str:
    """The same of numbers in a writing of their own."""
    known = [text for text in column.texts if text.lower() not in MARKS]
    writing, read = commonest_writing(known)
    others = sorted(set(known) - read)
    rows = sum(column.texts[text] for text in others)
    if not writing or len(read) <= MANY_NUMBERS or rows > STRAY_SHARE * column.texts.total():
        return ""
    line = _missing(column, [*column.marks, *others], f"number, number_format: {quoted(writing.document())}")
    counted = _but(column, others, "numbers in a writing of their own")
    return f"{counted}: write each as a number, or under columns {line}; {_as_names(column)}"
