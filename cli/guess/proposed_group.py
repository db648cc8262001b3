"""Which column names the cases that several rows are of: those of one stay on one side of the split. Pure."""

import re
from collections.abc import Callable, Sequence
from math import ceil

from cli.guess.cases import Cases
from cli.guess.columns import MARKS, Column
from cli.guess.proposed_target import Guess
from cli.guess.yaml_words import plain

ID = re.compile(
    r"(?i:(^|[ _-])(id|cid|uid|pid|sid|uuid|guid|key|number|nbr|nr|no)$)|[a-z](Id|ID|Key|Number|Nbr|Nr|No)$"
)
CASES = re.compile(r"(?i:(^|[ _-])(customer|user|patient|client|account|member|household|student|device|vehicle|driver|"
                   r"employee|subject|session|policy|company)$)")  # fmt: skip
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TELEPHONE, LEAST_DIGITS = re.compile(r"[+(\d][\d ()/.-]+"), 7
CALLED = re.compile(r"(?i:(^|[ _-])(phone|telephone|tel|mobile|fax)([ _-]?(no|nr|number))?$)")
PERSON = re.compile(r"(?i:((first|last|middle|full|family|given|user|nick|customer|patient|client|employee|contact)"
                    r"[ _-]?)?name|surname|forename)")  # fmt: skip
FEW_NAMES = 20  # different ones may be kinds
ROWS_A_CASE = range(2, 51)  # on average, rounded up; more rows share a place or a kind, not a case
FEWEST_CASES = 30
NAMING = re.compile(
    rf"{ID.pattern}|(?i:(?<!zip)(?<!post)(?<!postal)(?<!area)[ _-]code$)"
)  # numbers that are no amounts
MOST_CODES = 20  # of whole numbers that only name something; so few are levels of a category
ASKED = 2  # columns that may name cases


def proposed_group(columns: Sequence[Column], found: Cases) -> tuple[Column | None, list[Guess]]:
    """The column that names cases: by its name and how often it repeats, or as each case has one answer; or those that
    may do so, as a question.
    """
    named = [column for column in columns if _named_cases(column)]
    sure = [column for column in columns if column.name in found.sure] if len(columns) > 1 else []
    if candidates := _told_by_more_than_numbers(sure) or named:
        group = _coarsest(candidates, found)
        others = [column.name for column in named if column is not group and ID.search(column.name)]
        return group, [Guess("group", group.name, _why(group, group in sure, others))]
    perhaps = [column for column in columns if column.name in found.perhaps]
    perhaps.sort(key=lambda column: found.perhaps.index(column.name))
    perhaps += [column for column in columns if column.name not in found.perhaps and names_something(column)]
    return None, [Guess("group", "none", _question(column)) for column in perhaps[:ASKED]]


def _told_by_more_than_numbers(sure: Sequence[Column]) -> Sequence[Column]:
    """Texts and what is called an id; numbers that are alike in all rows of a case only where there are no others."""
    return [column for column in sure if not column.numeric or ID.search(column.name)] or sure


def _coarsest(candidates: Sequence[Column], found: Cases) -> Column:
    """The one of which no other is a coarser form, as the customer is of an order; of several, the one in whose rows
    most is alike.
    """
    names = {column.name: column.distinct for column in candidates}
    coarsest = [
        column for column in candidates
        if not any(names.get(other, column.distinct) < column.distinct for other in found.alike.get(column.name, ()))
    ]  # fmt: skip
    return max(coarsest, key=lambda column: (len(found.alike.get(column.name, ())), -column.distinct))


def _why(group: Column, sure: bool, others: Sequence[str]) -> str:
    each = ", each with one answer throughout" if sure else ""
    why = (
        f"{group.rows:,} rows are of {group.distinct:,} different ones{each}: those of one stay on one side, so "
        "that the metrics are of new ones"
    )
    if not others:
        return why
    other = plain(others[0])
    return f"{why}; if new ones of {other} are to be predicted about known ones of these, write group: [{other}]"


def names_something(column: Column) -> bool:
    """Whether it holds repeated whole numbers that only name something, by its name, and is no kind of few levels."""
    whole = (column.numeric or column.codes) and not measured(column) and not column.dated
    return bool(NAMING.search(column.name)) and whole and not column.unique and column.distinct > MOST_CODES


def asked(
    useful: Sequence[Column], group: Column | None, found: Cases, kind: Callable[[Column], str]
) -> dict[str, str]:
    """Why columns that may name cases are no features, unless there are no others; ``kind`` is what each would be."""
    perhaps = () if group else found.perhaps
    named = [column for column in useful if names_something(column)]
    those = [column for column in useful if (column.name in perhaps and not column.gridded) or column in named]
    if len(those) == len(useful):
        return {}
    why = (
        "it may name cases of several rows each: a model that knows them by name seems good on rows of theirs, and "
        "knows nothing of new ones; if it is an amount or a kind, write under columns {0}: {1}"
    )
    return {
        column.name: why.format(plain(column.name), "category" if column in named else kind(column)) for column in those
    }


def _named_cases(column: Column) -> bool:
    names_cases = ID.search(column.name) or CASES.search(column.name)
    if not names_cases or column.many or column.distinct < FEWEST_CASES or column.blanks:
        return False
    if column.dated or measured(column):
        return False
    return ceil(column.rows / column.distinct) in ROWS_A_CASE and max(column.texts.values()) > 1


def people(column: Column) -> str:
    """Say that a column names people: by addresses of mail, telephone numbers or names; "" where it does not."""
    what = _named_people(column)
    return what and (
        f"{what}: a model that knows people by name knows nothing of new ones; if they are kinds, "
        f"write under columns {plain(column.name)}: category"
    )


def _named_people(column: Column) -> str:
    texts = [text for text in column.texts if text.lower() not in MARKS]
    if texts and all(map(MAIL.fullmatch, texts)):
        return "addresses of mail"
    written = texts and all(
        TELEPHONE.fullmatch(text) and sum(map(str.isdecimal, text)) >= LEAST_DIGITS for text in texts
    )
    plain_text = not (column.numeric or column.codes or column.dated or column.local or column.unread_values)
    if written and (CALLED.search(column.name) or (plain_text and all(text[0] in "+(0" for text in texts))):
        return "telephone numbers"
    free = not column.numeric and not column.dated and column.distinct > FEW_NAMES
    return "names" if free and PERSON.fullmatch(column.name) else ""


def _question(column: Column) -> str:
    return (
        f"{column.rows:,} rows are of {column.distinct:,} different '{column.name}': if these are cases of one thing "
        f"each, write under data, so that those of one stay on one side: group: [{plain(column.name)}]"
    )


def measured(column: Column) -> bool:
    """Whether its numbers are measured, not counted: some are no whole ones."""
    return column.numeric and not all(number.is_integer() for number in column.numbers)
