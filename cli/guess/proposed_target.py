"""What is to be predicted, guessed from what a CSV holds. Pure: columns in; the target, its task, and why, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cli.errors import UserError
from cli.guess.columns import Column

TARGETS = (
    "target", "label", "y", "class", "outcome", "answer", "response", "churn", "churned", "default", "defaulted",
    "fraud", "price", "saleprice", "survived",
)  # fmt: skip
POSITIVE = (
    "yes", "y", "true", "t", "1", "1.0", "positive", "pos", "churned", "left", "default", "defaulted", "fraud", "bad",
    "won", "success", "sick", "ill", "disease", "malignant", "spam", "failed", "failure", "attack", "survived",
    "bought", "converted", "accepted", "approved", "high", ">50k",
)  # fmt: skip
NEGATIVE = (
    "no", "n", "false", "f", "0", "0.0", "-1", "negative", "neg", "stayed", "retained", "paid", "good", "lost",
    "healthy", "benign", "ham", "ok", "normal", "died", "rejected", "denied", "low", "<=50k", "none",
)  # fmt: skip
SCARCE = 0.1  # share of an answer that is said


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
    for column in reversed(columns):
        if column.name.lower() in TARGETS:
            return column, "by its name; say --target if it is another"
    last = columns[-1]
    if not _fits(last):
        fitting = [column.name for column in columns if _fits(column)]
        remedy = f"; it may be one of: {', '.join(fitting[:12])}" if fitting else ""
        raise UserError(
            f"which column is to be predicted? Say it with --target. The last one, {last.description}, is neither a "
            f"number nor one of two labels{remedy}"
        )
    return last, "the last column; say --target if it is another"


def _fits(goal: Column) -> bool:
    return not goal.counts_rows and not goal.many and (_two(goal) or _numbers(goal))


def _two(goal: Column) -> bool:
    return len(_labels(goal)) == 2 and not goal.many


def _numbers(goal: Column) -> bool:
    return len(_labels(goal)) > 2 and goal.numeric and not goal.odd


def _labels(goal: Column) -> list[str]:
    return [text for text in goal.texts if text not in marks_of(goal)]


def marks_of(goal: Column) -> list[str]:
    """Marks for a missing answer: of two labels, one may be such a word."""
    return goal.marks if goal.distinct > 2 else []


def task_of(goal: Column) -> tuple[str, tuple[str, str] | None, bool, list[Guess]]:
    """The task, the labels (positive, negative) or None, whether its logarithm is learnt, and the guesses.

    Raises:
        UserError: it is neither one of two labels nor a number.
    """
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
    if _numbers(goal):
        log = _skewed(goal.numbers)
        span = f"{min(goal.numbers):g} to {max(goal.numbers):g}"
        about_target = [
            Guess("task", "regression", f"'{goal.name}' holds {len(_labels(goal))} different numbers, {span}")
        ]
        about_target += [Guess("target_transform", "log", "above 0, and a few are far above the rest")] if log else []
        return "regression", None, log, about_target + blank
    odd = f"; {but(goal)}: correct them, or leave the rows out" if goal.odd else ""
    raise UserError(
        f"{goal.description}{odd}; a target is one of two labels, or a number: "
        "name another with --target, or join labels until two are left"
    )


def _answered(goal: Column) -> int:
    return sum(goal.texts[text] for text in _labels(goal))


def _balance(goal: Column) -> list[Guess]:
    scarce = min(_labels(goal), key=lambda text: goal.texts[text])
    share = goal.texts[scarce] / _answered(goal)
    if share >= SCARCE:
        return []
    why = "few: look at precision and recall rather than accuracy, and choose data.threshold by what an error costs"
    return [Guess("imbalance", f"{share:.1%} {scarce}", why)]


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


def but(column: Column) -> str:
    """What of a column of numbers is none."""
    odd = sum(column.texts[text] for text in column.odd)
    said = ", ".join(f"'{text[:40]}'" for text in column.odd[:4]) + (", …" if len(column.odd) > 4 else "")
    known = column.texts.total()
    return f"{known - odd:,} of {known:,} are numbers, the other{'s' * (odd != 1)} {'are' if odd != 1 else 'is'} {said}"
