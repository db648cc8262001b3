"""A first model, guessed from what a CSV holds. Pure: columns in; a draft of the model file and the guesses, with why,
out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.errors import UserError
from cli.guess.cases import Cases
from cli.guess.columns import Column
from cli.guess.log_trial import LogTrial
from cli.guess.mixed_numbers import but, doubt, mixed, mixed_dates, several_writings
from cli.guess.number_doubts import number_doubt
from cli.guess.proposed_group import ID, MOST_CODES, asked, measured, people, proposed_group
from cli.guess.proposed_target import Guess, chosen_target, marks_of, task_of
from cli.guess.writings import NumberWriting, pairs
from cli.guess.yaml_words import plain, quoted

MOST_LEVELS = 200  # of a category; more are names or free text
ROWS_A_LEVEL = 5  # of a category with more levels than that, most rows have one that so many share
MOST_LARGE_LEVELS = 5_000
FEWEST_TEXTS = 20  # different ones, to say that hardly two rows share one
SLICE_LEVELS = range(2, 7)
SLICES = 2
AT_AN_HOUR = re.compile(r"[T :](?!00:?00(:?00)?)\d{1,2}:?\d\d")
FEW_ROWS = 2_000  # below, rows for early stopping are worth more as rows to learn from
PANDAS_INDEX = re.compile(r"Unnamed: \d+(_level_\d+)?")  # Source: pandas' name of a header's blank field
ROW = re.compile(r"(?i:(row|line|record)?[ _-]?(index|idx|num|number|nr|no)|row|rowid|#|lfd\.? ?nr\.?)")  # its number
OFTEN = 0.2  # of the rows: so many numbers of them are numbers of rows, that begin anew where files were joined
AGAIN = re.compile(  # what comes again: addresses of mail, of the network and of pages, telephones, places
    r"[^@\s]+@[^@\s]+\.[^@\s]+|\d{1,3}(\.\d{1,3}){3}(:\d+)?|[0-9A-Fa-f]{0,4}(:[0-9A-Fa-f]{0,4}){2,7}|https?://\S+|\+\d[\d()/.-]{5,}"
)
CODE = re.compile(r"(?i:(^|[ _-])(code|class|type|kind|group|zip|zone)$)|[a-z](Code|Class|Type|Kind|Group|Zip|Zone)$")

TEST_SHARE, FEW_TESTED = 0.15, 30  # rows

Telling = Callable[[Column, int | None], Mapping[str, str]]  # a target, how many cases -> column -> why it tells it
Casing = Callable[[Column], Cases]
Trying = Callable[[Column], LogTrial | None]


@dataclass(frozen=True)
class Feature:
    """One column that is learnt from."""

    name: str
    kind: str
    missing: tuple[str, ...] = ()  # marks of its own
    date_format: str = ""
    writing: NumberWriting | None = None
    hours: bool = False  # its dates have a time of day

    @property
    def parts(self) -> tuple[str, ...]:
        """What is learnt of its dates, as a model file's ``derived`` has it."""
        days = not self.date_format or "%d" in self.date_format
        return ("years", "month", *["weekday"] * days, *["hour"] * self.hours)

    @property
    def rule(self) -> dict[str, Any]:
        """What its column says beside its kind."""
        given: dict[str, Any] = {"missing": list(self.missing)} if self.missing else {}
        given |= {"date_format": self.date_format} if self.date_format else {}
        return given | ({"number_format": self.writing.document()} if self.writing else {})


@dataclass(frozen=True)
class Draft:
    """A model file before it is text."""

    task: str
    target: str
    labels: tuple[str, ...]  # positive, negative; or all classes; none of a number
    log: bool  # of the target
    drops: bool  # rows whose target is blank
    id: str | None
    features: tuple[Feature, ...]
    slices: tuple[str, ...]
    guesses: tuple[Guess, ...]
    few: bool = False  # rows: none to spare for validation
    group: str | None = None
    missing: tuple[str, ...] = ()  # marks in the target


def draft(
    columns: Sequence[Column],
    target: str | None,
    telling: Telling = lambda *_: {},
    trying: Trying = lambda _: None,
    casing: Casing = lambda _: Cases(),
) -> Draft:
    """What the columns suggest; ``target`` when the person named it. ``telling`` says of a target which columns tell
    it by themselves, and why; ``trying`` tries a skewed one's logarithm; ``casing`` looks for cases of several rows.

    Raises:
        UserError: there is no such column, or nothing can be learnt.
    """
    goal, why_goal = chosen_target(columns, target)
    task, labels, log, about_target = task_of(goal)
    log, about_log = _log(goal, trying) if log else (False, [])
    others = [column for column in columns if column is not goal]
    identity, why_identity = _id(others)
    found = casing(goal)
    group, about_group = proposed_group([column for column in others if column is not identity], found)
    rest = [column for column in others if column not in (identity, group)]
    reasons = {**telling(goal, group.distinct if group else None)} | {
        column.name: reason for column in rest if (reason := _useless(column))
    }
    useful = [column for column in rest if column.name not in reasons]
    doubted = asked(useful, group, found, lambda column: _feature(column).kind)
    reasons = {column.name: who for column in rest if (who := people(column))} | doubted | reasons
    features = tuple(_feature(column) for column in rest if column.name not in reasons)
    left = {column.name: reasons[column.name] for column in rest if column.name in reasons}
    if not features:
        raise UserError(f"nothing to learn '{goal.name}' from: " + "; ".join(f"{n}: {why}" for n, why in left.items()))
    slices = [one.name for one in features if one.kind == "category" and _of(rest, one.name).distinct in SLICE_LEVELS]
    few = goal.rows < FEW_ROWS and not (log and group)  # what makes means of logarithms is learnt on other groups' rows
    guesses = [Guess("target", goal.name, why_goal), *about_target, *about_log, *_about_split(goal, few, features)]
    guesses += [Guess("id", identity.name if identity else "none", why_identity)]
    guesses += about_group
    guesses += [Guess(one.kind, one.name, _why_kind(_of(rest, one.name), one)) for one in features]
    guesses += [Guess("left out", name, why) for name, why in left.items()]
    return Draft(
        task, goal.name, labels, log, goal.blanks > 0 or bool(goal.marks), identity.name if identity else None,
        features, tuple(slices[:SLICES]), tuple(guesses), few, group.name if group else None, tuple(marks_of(goal)),
    )  # fmt: skip


def _log(goal: Column, trying: Trying) -> tuple[bool, list[Guess]]:
    """Whether a target that is skewed is learnt as its logarithm, and why."""
    why, trial = "above 0, and a few are far above the rest", trying(goal)
    if trial is None:
        return True, [Guess("target_transform", "log", why)]
    tried = f"{why}; R² on rows held out: {trial.log:.3f} as a logarithm, {trial.plain:.3f} as it is"
    return trial.wins, [Guess("target_transform", "log" if trial.wins else "none", tried)]


def _about_split(goal: Column, few: bool, features: Sequence[Feature]) -> list[Guess]:
    spared = f"{goal.rows:,} rows are few: all that are not held out are learnt from, without early stopping"
    dates = [one.name for one in features if one.kind == "date"]
    why = (
        f"if later rows are to be predicted from earlier ones, hold out the newest: split: {{by: {plain(dates[0])}}}"
        if dates
        else ""
    )
    tested = round(goal.rows * TEST_SHARE)
    said = "few: what is measured on them says little; look at the intervals, or wait for more rows"
    return (
        ([Guess("validation", "none", spared)] if few else [])
        + ([Guess("test rows", f"about {tested}", said)] if tested < FEW_TESTED else [])
        + ([Guess("split", "at random", why)] if dates else [])
    )


def _id(columns: Sequence[Column]) -> tuple[Column | None, str]:
    for column in columns:
        if column.unique and ID.search(column.name):
            return column, "by its name, and no two rows have the same"
    for column in columns:
        if column.unique and _one_word(column) and not column.numeric and not _no_id(column):
            return column, (
                "no two rows have the same: a guess by nothing else. If a later row may have the text of another case, "
                "delete it: of one id only the newest row counts"
            )
    return None, "no column names each row; rows are told apart by all that they hold"


def _no_id(column: Column) -> bool:
    """Whether its texts are dates, times or numbers in a writing of their own, in several or by twos; or addresses,
    which are the same again where somebody comes again.
    """
    read = (
        column.dated
        or bool(column.local or column.unread_values or mixed(column) or mixed_dates(column))
        or pairs(column.texts)
    )
    return read or all(map(AGAIN.fullmatch, column.texts))


def _one_word(column: Column) -> bool:
    return not column.objects and not any(" " in text for text in column.texts)


def _coded(column: Column) -> bool:
    """Whether its numbers only name something, so that one between two means nothing."""
    whole = all(number.is_integer() for number in column.numbers)
    named = CODE.search(column.name) or (ID.search(column.name) and not column.unique)
    return bool(named) and column.numeric and whole and column.distinct <= MOST_CODES


def _useless(column: Column) -> str:
    """Why a column is no feature; "" for one that is."""
    if not column.name:
        return "it has no name (a row's number?); name it in the file if it says something"
    if not column.distinct:
        return "always blank"
    if column.distinct == 1 and not column.blanks:
        return f"always '{next(iter(column.texts))}'"
    if column.counts_rows:
        return "it counts the rows, which tells nothing about new ones"
    if column.climbs:
        return (
            "it grows from each row to the next, as numbers of cases do, which tell nothing about new ones; if it is "
            f"time, hold out the newest: split: {{by: {quoted(column.name)}}}"
        )
    if PANDAS_INDEX.fullmatch(column.name) or column.numbers_rows or _names_rows(column):
        return "row numbers, by its name or as each number stands once: they tell nothing about new ones"
    if ID.search(column.name) and column.distinct > 0.5 * column.rows:
        return "looks like an id, which tells nothing about new rows"
    return mixed(column) * (not CODE.search(column.name)) or mixed_dates(column) or _unreadable(column)


def _names_rows(column: Column) -> bool:
    whole = column.numeric and not measured(column)
    return bool(ROW.fullmatch(column.name)) and whole and column.distinct > OFTEN * column.rows


def _unreadable(column: Column) -> str:
    if len(column.date_formats) > 1:
        return (
            f"dates ({column.some}) that can be read in more than one way; say which: "
            f"{{kind: date, date_format: {quoted(column.date_formats[0])}}} or {quoted(column.date_formats[1])}"
        )
    if column.dated:
        return ""
    if column.objects:
        return "JSON; declare it {kind: json, fields: [...]} and derive features from its fields (docs/add-a-model.md)"
    if column.local:
        return ""
    if column.unread_values and column.distinct > FEWEST_TEXTS:
        return f"{column.unread_values} ({column.some})"
    if not column.numeric and column.distinct > max(FEWEST_TEXTS, 0.5 * column.texts.total()):
        if pairs(column.texts):
            return f"two numbers in one cell ({column.some}): write each in a column of its own"
        return f"{column.distinct:,} different texts in {column.texts.total():,} rows: hardly two share one"
    if not column.numeric and column.distinct > MOST_LEVELS and not column.many and _mostly_rare(column):
        return f"{column.distinct:,} different texts, few of which {ROWS_A_LEVEL} rows share: names or free text"
    if not column.numeric and (column.many or column.distinct > MOST_LARGE_LEVELS):
        return f"{column.distinct:,}{' and more' if column.many else ''} different texts: too many for a category"
    return ""


def _mostly_rare(column: Column) -> bool:
    """Whether most rows have a level that hardly any other row has, so that its place would be learnt of nothing."""
    return 2 * sum(rows for rows in column.texts.values() if rows >= ROWS_A_LEVEL) < column.texts.total()


def _feature(column: Column) -> Feature:
    if column.dated:
        form = column.date_formats[0]
        timed = form == "" or "%H" in form or "%I" in form
        hours = timed and any(AT_AN_HOUR.search(text) for text in column.texts)
        return Feature(column.name, "date", tuple(column.marks), form, hours=hours)
    if column.local:
        return Feature(column.name, "number", tuple(column.marks), writing=column.local)
    if _coded(column) or not column.numeric:
        return Feature(column.name, "category")
    return Feature(column.name, "number", (*column.marks, *column.odd))


def _of(columns: Sequence[Column], name: str) -> Column:
    return next(column for column in columns if column.name == name)


def _why_kind(column: Column, feature: Feature) -> str:
    blanks = f", {column.blanks} blank" if column.blanks else ""
    if feature.writing:
        marks = f", {' and '.join(column.marks)}: missing" if column.marks else ""
        return f"numbers in a writing of their own ({column.some}){blanks}{marks}; read {feature.writing.description}"
    if feature.kind == "number":
        low, high = min(column.numbers) + 0.0, max(column.numbers)  # 0 for -0
        odd = f"; {but(column)}: read as missing, unless you correct the file" if column.odd else ""
        marks = f", {' and '.join(column.marks)}: missing" if column.marks else ""
        moments = f"; {number_doubt(column)}" if number_doubt(column) else ""
        return f"{low:g} to {high:g}{blanks}{marks}{odd}{moments}"
    if feature.kind == "date":
        written = f" written as {feature.date_format}" if feature.date_format else ""
        parts = ["years to the day of the newest upload", *feature.parts[1:]]
        return f"dates{written}{blanks}; {', '.join(parts[:-1])} and {parts[-1]} are features"
    levels = f"{column.distinct:,} levels{blanks}" + ("; by its name its numbers are codes" if _coded(column) else "")
    levels += f"; {numbers}" if (numbers := doubt(column)) else ""
    levels += f"; {several}" if (several := several_writings(column)) else ""
    return levels + (f"; {' and '.join(column.marks)} counted as a level" if column.marks else "")
