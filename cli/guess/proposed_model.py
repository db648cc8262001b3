"""A first model, guessed from what a CSV holds. Pure: columns in; a draft of the model file and the guesses, with why,
out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cli.errors import UserError
from cli.guess.columns import Column

TARGETS = ("target", "label", "y", "class", "outcome", "churn", "churned", "default", "defaulted", "fraud", "price")
POSITIVE = ("yes", "y", "true", "t", "1", "1.0", "positive", "churned", "default", "defaulted", "fraud", "bad", "won")
ID = re.compile(r"(?i:(^|[ _-])(id|uuid|guid|key|number|nr|no)$)|[a-z](Id|ID|Key|Nr|No)$")
MOST_LEVELS = 200  # of a category; more are names or free text
SLICE_LEVELS = range(2, 7)
SLICES = 2
FEW_ROWS = 2_000  # below, rows for early stopping are worth more as rows to learn from
CODE = re.compile(r"(?i:(^|[ _-])(code|class|type|kind|group|zip|zone)$)|[a-z](Code|Class|Type|Kind|Group|Zip|Zone)$")
MOST_CODES = 20  # of whole numbers that only name something


@dataclass(frozen=True)
class Guess:
    """One thing that was guessed, and why."""

    what: str
    value: str
    why: str


@dataclass(frozen=True)
class Draft:
    """A model file before it is text."""

    task: str
    target: str
    labels: tuple[str, str] | None  # positive, negative
    log: bool  # of the target
    drops: bool  # rows whose target is blank
    id: str | None
    features: tuple[tuple[str, str, tuple[str, ...]], ...]  # name, kind, marks of its own
    slices: tuple[str, ...]
    guesses: tuple[Guess, ...]
    few: bool = False  # rows: none to spare for validation


def draft(columns: Sequence[Column], target: str | None) -> Draft:
    """What the columns suggest; ``target`` when the person named it.

    Raises:
        UserError: there is no such column, or nothing can be learnt.
    """
    goal, why_goal = _target(columns, target)
    task, labels, log, about_target = _task(goal)
    identity, why_identity = _id([column for column in columns if column is not goal])
    rest = [column for column in columns if column not in (goal, identity)]
    reasons = {column.name: reason for column in rest if (reason := _useless(column))}
    features = tuple(_feature(column) for column in rest if column.name not in reasons)
    if not features:
        raise UserError(
            f"nothing to learn '{goal.name}' from: " + "; ".join(f"{n}: {why}" for n, why in reasons.items())
        )
    slices = [name for name, kind, _ in features if kind == "category" and _level_count(rest, name) in SLICE_LEVELS]
    few = goal.rows < FEW_ROWS
    spared = f"{goal.rows:,} rows are few: all that are not held out are learnt from, without early stopping"
    guesses = [Guess("target", goal.name, why_goal), *about_target]
    guesses += [Guess("validation", "none", spared)] if few else []
    guesses += [Guess("id", identity.name if identity else "none", why_identity)]
    guesses += [Guess(kind, name, _why_kind(rest, name, kind, marks)) for name, kind, marks in features]
    guesses += [Guess("left out", name, why) for name, why in reasons.items()]
    return Draft(
        task, goal.name, labels, log, goal.blanks > 0, identity.name if identity else None,
        features, tuple(slices[:SLICES]), tuple(guesses), few,
    )  # fmt: skip


def _target(columns: Sequence[Column], named: str | None) -> tuple[Column, str]:
    by_name = {column.name: column for column in columns}
    if named is not None:
        if (goal := named.strip()) not in by_name:
            raise UserError(f"no column '{goal}'; there are: {', '.join(by_name)}")
        return by_name[goal], "you said so"
    for column in reversed(columns):
        if column.name.lower() in TARGETS:
            return column, "by its name; say --target if it is another"
    fitting = [column for column in columns if _fits(column)]
    if fitting:
        return fitting[-1], "the last column of numbers or of two labels; say --target if it is another"
    return columns[-1], "the last column; say --target if it is another"


def _fits(goal: Column) -> bool:
    return not goal.many and (goal.distinct == 2 or (goal.distinct > 2 and len(goal.numbers) == goal.distinct))


def _task(goal: Column) -> tuple[str, tuple[str, str] | None, bool, list[Guess]]:
    why = f"{goal.blanks} of {goal.rows} are blank"
    blank = [Guess("rows without target", "drop", why)] if goal.blanks else []
    if goal.distinct == 2 and not goal.many:
        positive, why = _positive(goal)
        negative = next(text for text in goal.texts if text != positive)
        about_target = [
            Guess("task", "binary_classification", f"'{goal.name}' says one of two things"),
            Guess("positive label", positive, why),
        ]
        return "binary_classification", (positive, negative), False, about_target + blank
    if goal.distinct > 2 and len(goal.numbers) == goal.distinct:
        log = _skewed(goal.numbers)
        about_target = [Guess("task", "regression", f"'{goal.name}' holds {goal.distinct} different numbers")]
        about_target += [Guess("target_transform", "log", "above 0, and a few are far above the rest")] if log else []
        return "regression", None, log, about_target + blank
    raise UserError(
        f"{goal.description}; a target is one of two labels, or a number: "
        "name another with --target, or join labels until two are left"
    )


def _positive(goal: Column) -> tuple[str, str]:
    for word in POSITIVE:
        for text in goal.texts:
            if text.strip().lower() == word:
                return text, "it says that something is so"
    rare = min(goal.texts, key=lambda text: goal.texts[text])
    return rare, f"the rarer one ({goal.texts[rare]} of {goal.rows - goal.blanks} rows)"


def _skewed(numbers: Sequence[float]) -> bool:
    middle = median(numbers)
    return min(numbers) > 0 and max(numbers) > 4 * middle and sum(numbers) / len(numbers) > 1.1 * middle


def _id(columns: Sequence[Column]) -> tuple[Column | None, str]:
    for column in columns:
        if column.unique and ID.search(column.name):
            return column, "by its name, and no two rows have the same"
    for column in columns:
        if column.unique and not column.numeric and not column.dated and not column.objects and _one_word(column):
            return column, "no two rows have the same, and each is one word"
    return None, "no column names each row; rows are told apart by all that they hold"


def _one_word(column: Column) -> bool:
    return not any(" " in text.strip() for text in column.texts)


def _coded(column: Column) -> bool:
    """Whether its numbers only name something, so that one between two means nothing."""
    whole = all(number.is_integer() for number in column.numbers)
    return bool(CODE.search(column.name)) and column.numeric and whole and column.distinct <= MOST_CODES


def _useless(column: Column) -> str:
    """Why a column is no feature; "" for one that is."""
    if not column.name:
        return "it has no name (a row's number?); name it in the file if it says something"
    if not column.distinct:
        return "always blank"
    if column.distinct == 1 and not column.blanks:
        return f"always '{next(iter(column.texts))}'"
    if ID.search(column.name) and column.distinct > 0.5 * column.rows:
        return "looks like an id, which tells nothing about new rows"
    if column.dated and not column.countable:
        return "dates in a form of their own; write them as 2026-06-30, and years are counted from them"
    if column.objects:
        return "JSON; declare it {kind: json, fields: [...]} and derive features from its fields (docs/add-a-model.md)"
    if not column.numeric and not column.dated and column.distinct > MOST_LEVELS:
        return f"{column.distinct}{' and more' if column.many else ''} different texts: names or free text"
    return ""


def _feature(column: Column) -> tuple[str, str, tuple[str, ...]]:
    if column.dated:
        return column.name, "date", ()
    if _coded(column):
        return column.name, "category", ()
    return column.name, "number" if column.numeric else "category", tuple(column.marks) if column.numeric else ()


def _level_count(columns: Sequence[Column], name: str) -> int:
    return next(column.distinct for column in columns if column.name == name)


def _why_kind(columns: Sequence[Column], name: str, kind: str, marks: tuple[str, ...]) -> str:
    column = next(column for column in columns if column.name == name)
    blanks = f", {column.blanks} blank" if column.blanks else ""
    if kind == "number":
        low, high = min(column.numbers), max(column.numbers)
        return f"{low:g} to {high:g}{blanks}" + (f", {' and '.join(marks)}: missing" if marks else "")
    if kind == "date":
        return f"dates{blanks}; a feature counts the years to the day of the newest upload"
    levels = f"{column.distinct} levels{blanks}" + ("; by its name its numbers are codes" if _coded(column) else "")
    return levels + (f"; {' and '.join(column.marks)} counted as a level" if column.marks else "")
