"""Which column names the cases that several rows are of: those of one stay on one side of the split. Pure."""

import re
from collections.abc import Sequence
from math import ceil

from cli.guess.cases import Cases
from cli.guess.columns import MARKS, Column
from cli.guess.proposed_target import Guess
from cli.guess.yaml_words import plain

ID = re.compile(r"(?i:(^|[ _-])(id|cid|uid|pid|sid|uuid|guid|key|number|nr|no)$)|[a-z](Id|ID|Key|Nr|No)$")
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
ASKED = 2  # columns that may name cases


def proposed_group(columns: Sequence[Column], found: Cases) -> tuple[Column | None, list[Guess]]:
    """The column that names cases: by its name and how often it repeats, or as each case has one answer; or those that
    may do so, as a question.
    """
    by_name = next((column for column in columns if _named_cases(column)), None)
    sure = next((column for column in columns if column.name == found.group), None)
    if group := by_name or (sure if len(columns) > 1 else None):
        each = "" if by_name else ", each with one answer throughout"
        why = (
            f"{group.rows:,} rows are of {group.distinct:,} different ones{each}: those of one stay on one side, so "
            "that the metrics are of new ones"
        )
        return group, [Guess("group", group.name, why)]
    perhaps = [column for column in columns if column.name in found.perhaps]
    perhaps.sort(key=lambda column: found.perhaps.index(column.name))
    return None, [Guess("group", "none", _question(column)) for column in perhaps[:ASKED]]


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
