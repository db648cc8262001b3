"""What is to be predicted, guessed from what a CSV holds. Pure: columns in; the target, its task, and why, out."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from cli.errors import UserError
from cli.guess.columns import Column, number_of
from cli.guess.header import written_as_plain
from cli.guess.mixed_numbers import but, mixed, one_in_two_writings

TARGETS = (
    "target", "label", "y", "class", "outcome", "answer", "response", "churn", "churned", "default", "defaulted",
    "fraud", "price", "saleprice", "survived",
)  # fmt: skip
POSITIVE = (
    "yes", "y", "true", "t", "1", "1.0", "positive", "pos", "churned", "left", "default", "defaulted", "fraud", "bad",
    "won", "success", "sick", "ill", "disease", "malignant", "spam", "failed", "failure", "attack", "survived",
    "bought", "converted", "accepted", "approved", "high", ">50k", "ja", "oui", "si", "sí", "sì", "sim", "tak", "da",
    "ano", "да", "так", "kyllä", "evet", "igen", "نعم", "כן", "はい", "是", "예", "vrai", "wahr", "vero", "verdadero",
)  # fmt: skip
NEGATIVE = (
    "no", "n", "false", "f", "0", "0.0", "-1", "negative", "neg", "stayed", "retained", "paid", "good", "lost",
    "healthy", "benign", "ham", "ok", "normal", "died", "rejected", "denied", "low", "<=50k", "none", "nein", "non",
    "nee", "nej", "nei", "não", "nao", "nie", "ne", "нет", "ні", "ei", "hay\u0131r", "nem", "لا", "לא",
    "いいえ", "否", "아니요", "faux", "falsch", "falso",
)  # fmt: skip
SCARCE = 0.1  # share of an answer that is said
FALSE_ALARMS = 20
THRESHOLD = f"decision: {{threshold: chosen, aim: cost, false_negative: {FALSE_ALARMS}}}"
CLASSES = range(3, 51)
ROWS_A_CLASS = 10  # on average
FEW_ROWS_OF_CLASS = 20  # of one class, which are said
FEWEST_COUNTS = 4  # different ones, 0 among them, to tell counts from numbers that name something
JOINED = re.compile(r"\s*[;|]\s*|\s*,\s*")  # several labels in one cell
MOST_NUMBERED = 10  # classes that are whole numbers; more are amounts
AMOUNT = re.compile(r"(?i:(^|[ _-])(count|num|amount|total|sum|age|price|cost|score|rating|stars?|points|quantity|qty|"
                    r"days|months|years|hours|rooms|bedrooms|size|length|weight|height)s?$)")  # fmt: skip
SCALE = (
    "lowest", "very low", "low", "very small", "small", "minor", "very bad", "bad", "poor", "fair", "middle", "medium",
    "mid", "moderate", "normal", "average", "good", "large", "big", "major", "high", "very good", "very large",
    "very high", "excellent", "highest",
)  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """One thing that was guessed, and why."""

    what: str
    value: str
    why: str


def chosen_target(columns: Sequence[Column], named: str | None) -> tuple[Column, str]:
    """The column to predict, and why it is that one.

    Raises:
        UserError: there is none of that name, or none that is plainly the target.
    """
    by_name = {column.name: column for column in columns}
    if named is not None:
        if (goal := named.strip()) not in by_name:
            raise UserError(f"no column '{goal}'; there are: {', '.join(by_name)}")
        return by_name[goal], "you said so"
    if found := _called_like_one(columns):
        return found
    last = columns[-1]
    if _classes(last) and not any(_classes(column) or _says_so(column) for column in columns[:-1]):
        said = f"the last column, and the only one that says one of {len(_labels(last))} things"
        return last, f"{said}; say --target if it is another"
    if not _fits(last):
        _refuse_two_writings(last)
        fitting = [column.name for column in columns if _fits(column) or _classes(column)]
        remedy = f"; it may be one of: {', '.join(fitting[:12])}" if fitting else ""
        said = f"The last one, {last.description}, {_no_plain(last)}{remedy}"
        raise UserError(f"which column is to be predicted? Say it with --target. {said}")
    return last, "the last column; say --target if it is another"


def _no_plain(last: Column) -> str:
    if _classes(last):
        said = f"says one of {len(_labels(last))} things, as a category to learn from does, too"
        return f"{said}, so that it is not plainly the target: if it is, --target {shlex.quote(last.name)}"
    return "is neither a number nor one of two labels"


def _called_like_one(columns: Sequence[Column]) -> tuple[Column, str] | None:
    """The column that is called like a target, and why it is that one; None where none is."""
    called, last = [column for column in columns if column.name.lower() in TARGETS], columns[-1]
    if len(called) == 1:
        return called[0], "by its name; say --target if it is another"
    names = " and ".join(f"'{column.name}'" for column in called if column is not last)
    if last in called:
        return last, (
            f"by its name and place; {names} is called like a target, too: say --target if that is meant, and "
            "delete it under columns if it is known no sooner"
        )
    if called:
        raise UserError(f"which column is to be predicted? Say it with --target: {names} are called like one")
    return None


def _fits(goal: Column) -> bool:
    return not goal.counts_rows and not goal.many and (_two(goal) or _numbers(goal))


def _two(goal: Column) -> bool:
    return len(_labels(goal)) == 2 and not goal.many


def _says_so(column: Column) -> bool:
    """Whether it says that something is so or not, as an answer does."""
    return _two(column) and {label.lower() for label in _labels(column)} <= {*POSITIVE, *NEGATIVE}


def _numbers(goal: Column) -> bool:
    return len(_labels(goal)) > 2 and goal.numeric and not goal.odd


def _classes(goal: Column) -> bool:
    """Whether it says one of several things, each often enough; whole numbers are classes if there are few of them."""
    count = len(_labels(goal))
    if goal.many or goal.dated or goal.local or goal.odd or count not in CLASSES:
        return False
    named = not goal.numeric or (_few_whole(goal) and not AMOUNT.search(goal.name) and not _counts(goal))
    return named and _answered(goal) >= ROWS_A_CLASS * count


def _counts(goal: Column) -> bool:
    """Whether it holds counts of what seldom happens: mostly 0, then 1, and each number more more seldom."""
    rows: dict[float, int] = {}
    for text in _labels(goal):
        number = number_of(text) or 0.0
        rows[number] = rows.get(number, 0) + goal.texts[text]
    in_order = [rows[number] for number in sorted(rows)]
    falling = all(before >= after for before, after in pairwise(in_order))
    return len(rows) >= FEWEST_COUNTS and falling and 2 * rows.get(0.0, 0) >= sum(in_order)


def _few_whole(goal: Column) -> bool:
    return all(number.is_integer() for number in goal.numbers) and len(set(goal.numbers)) <= MOST_NUMBERED


def _in_order(labels: list[str]) -> tuple[str, ...]:
    """Sort classes as they follow each other: numbers, words of a scale, or by letter."""
    if all(label.lower() in SCALE for label in labels):
        return tuple(sorted(labels, key=lambda label: SCALE.index(label.lower())))
    numbers = {label: number_of(label) for label in labels}
    return tuple(sorted(labels, key=lambda label: (numbers[label] or 0, label)))


def _labels(goal: Column) -> list[str]:
    return [text for text in goal.texts if text not in marks_of(goal)]


def marks_of(goal: Column) -> list[str]:
    """Marks for a missing answer: of two labels, one may be such a word."""
    return goal.marks if goal.distinct > 2 else []


def task_of(goal: Column) -> tuple[str, tuple[str, ...], bool, list[Guess]]:
    """The task, the labels (positive and negative, or all classes; none of a number), whether its logarithm is learnt,
    and the guesses.

    Raises:
        UserError: it is neither one of some labels nor a number.
    """
    if len(_labels(goal)) == 1 and not goal.blanks:
        raise UserError(f"'{goal.name}' says '{_labels(goal)[0][:40]}' in every row: there is nothing to tell apart")
    if len(_labels(goal)) == 1:
        raise UserError(
            f"'{goal.name}' says '{_labels(goal)[0][:40]}' in {_answered(goal):,} rows and nothing in the other "
            f"{goal.rows - _answered(goal):,}: where that means no, write a word for it, as blank rows are left out"
        )
    _refuse_two_writings(goal)
    marks = f", {goal.texts.total() - _answered(goal)} say {' or '.join(marks_of(goal))}" if marks_of(goal) else ""
    why = f"{goal.blanks} of {goal.rows} are blank{marks}"
    blank = [Guess("rows without target", "drop", why)] if goal.blanks or marks else []
    if _two(goal):
        positive, why = _positive(goal)
        negative = next(text for text in _labels(goal) if text != positive)
        about_target = [
            Guess("task", "binary_classification", f"'{goal.name}' says one of two things"),
            Guess("positive label", positive, why),
        ]
        return "binary_classification", (positive, negative), False, about_target + _balance(goal) + blank
    if _classes(goal):
        return "multiclass_classification", _in_order(_labels(goal)), False, _about_classes(goal) + blank
    if _numbers(goal):
        log = _skewed(goal.numbers)
        span = f"{min(goal.numbers):g} to {max(goal.numbers):g}"
        why = f"'{goal.name}' holds {len(_labels(goal))} different numbers, {span}"
        amounts = "; if they only name something, write task: multiclass_classification and classes"
        about_target = [Guess("task", "regression", why + amounts * _few_whole(goal))]
        return "regression", (), log, about_target + blank
    if goal.local:
        form = goal.local
        command = written_as_plain(goal.name, (form.before, form.after), form.thousands, form.decimal)
        said = "a target is a plain number: write 1234.5 for $1,234.50, or 12 for 12%"
        raise UserError(f"{goal.description}; {said}: {command}")
    odd = f"; {but(goal)}: correct them, or leave the rows out" if goal.odd or mixed(goal) else ""
    raise UserError(
        f"{goal.description}{odd}; a target is a number, or one of {CLASSES[-1]} labels at most, with {ROWS_A_CLASS} "
        "rows of each on average: name another with --target, or join labels"
    )


def _refuse_two_writings(goal: Column) -> None:
    """Refuse labels that are one answer in two writings, by capitals or as numbers: they would be learnt as two."""
    able = len(_labels(goal)) <= CLASSES[-1] and (not goal.numeric or _named_by_numbers(goal))
    if able and (said := one_in_two_writings(goal, _labels(goal))):
        raise UserError(said)


def _named_by_numbers(goal: Column) -> bool:
    return len(_labels(goal)) == 2 or (_few_whole(goal) and not AMOUNT.search(goal.name))


def _about_classes(goal: Column) -> list[Guess]:
    labels = _in_order(_labels(goal))
    why = f"'{goal.name}' says one of {len(labels)} things"
    if goal.numeric:
        why += "; if they are amounts, so that 3 is nearer to 4 than to 1, write task: regression without classes"
    elif _joined(labels):
        why += "; cells seem to hold several labels each: a model for each of them, which is said or not, learns more"
    few = [label for label in labels if goal.texts[label] < FEW_ROWS_OF_CLASS]
    rare = ", ".join(f"'{label[:40]}' ({goal.texts[label]} rows)" for label in few[:4]) + ", …" * (len(few) > 4)
    said = "few: such classes are hardly learnt or measured; join them with others, or wait for more rows"
    return [Guess("task", "multiclass_classification", why), Guess("classes", ", ".join(labels), _counted(goal))] + (
        [Guess("rare classes", rare, said)] if few else []
    )


def _joined(labels: Sequence[str]) -> bool:
    """Whether most labels are others of them joined, or have parts in common with them."""
    parts = {label: [part for part in JOINED.split(label) if part] for label in labels}
    several = [label for label in labels if len(parts[label]) > 1]
    alphabet = {part for of_label in parts.values() for part in of_label}
    return 2 * len(several) >= len(labels) and len(alphabet) < len(labels)


def _counted(goal: Column) -> str:
    commonest, rarest = (choose(_labels(goal), key=lambda text: goal.texts[text]) for choose in (max, min))
    return f"{goal.texts[rarest]:,} rows ('{rarest[:40]}') to {goal.texts[commonest]:,} ('{commonest[:40]}') of each"


def _answered(goal: Column) -> int:
    return sum(goal.texts[text] for text in _labels(goal))


def _balance(goal: Column) -> list[Guess]:
    scarce = min(_labels(goal), key=lambda text: goal.texts[text])
    share = goal.texts[scarce] / _answered(goal)
    if share >= SCARCE:
        return []
    rows = goal.texts[scarce]
    none = f"; rows held out may hold none of so few ({rows}), and are refused then: gather more first" * (
        rows < FEW_ROWS_OF_CLASS
    )
    why = (
        f"few: look at precision and recall rather than accuracy{none}; to say it from the probability on that costs "
        f"least, where a miss costs as much as {FALSE_ALARMS} false alarms: {THRESHOLD}"
    )
    said = [Guess("imbalance", f"{share:.1%} {scarce}", why)]
    if not is_rare(goal, _positive(goal)[0]):
        return said
    return [*said, Guess("decision", "chosen", f"at a probability of 0.5 '{scarce[:40]}' would hardly ever be said")]


def is_rare(goal: Column, label: str) -> bool:
    """Whether so few rows have the label that a probability of 0.5 says it of hardly any."""
    return goal.texts[label] < SCARCE * _answered(goal)


def _positive(goal: Column) -> tuple[str, str]:
    labels = _labels(goal)
    for word in (goal.name.lower(), *POSITIVE):
        for text in labels:
            if text.lower() == word:
                return text, "it says that something is so"
    for text in labels:
        if text.lower() in NEGATIVE or text.lower().startswith(("not ", "no ", "non")):
            return next(other for other in labels if other != text), f"'{text}' says that something is not so"
    rare = min(labels, key=lambda text: goal.texts[text])
    return rare, f"the rarer one ({goal.texts[rare]} of {_answered(goal)} rows)"


def _skewed(numbers: Sequence[float]) -> bool:
    middle = median(numbers)
    return min(numbers) > 0 and max(numbers) > 4 * middle and sum(numbers) / len(numbers) > 1.1 * middle
