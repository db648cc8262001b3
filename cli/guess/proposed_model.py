"""A first model file, guessed from what a CSV holds. Pure: columns in; guesses, with why, and the file's text out."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import yaml

from cli.errors import UserError
from cli.guess.columns import Column
from pipelines.model import model_file
from pipelines.model.metric_rules import metrics_of

TARGETS = ("target", "label", "y", "class", "outcome", "churn", "churned", "default", "defaulted", "fraud", "price")
POSITIVE = ("yes", "y", "true", "t", "1", "1.0", "positive", "churned", "default", "defaulted", "fraud", "bad", "won")
ID = re.compile(r"(?i:(^|[ _-])(id|uuid|guid|key|number|nr|no)$)|[a-z](Id|ID|Key|Nr|No)$")
MOST_LEVELS = 200  # of a category; more are names or free text
SLICE_LEVELS = range(2, 7)
SLICES = 2
FEW_ROWS = 2_000  # below, rows for early stopping are worth more as rows to learn from
CODE = re.compile(r"(?i:(^|[ _-])(code|class|type|kind|group|zip|zone)$)|[a-z](Code|Class|Type|Kind|Group|Zip|Zone)$")
MOST_CODES = 20  # of whole numbers that only name something
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .()%/-]*")


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


# The file


def text(name: str, draft: Draft, source: str) -> str:
    """The model file."""
    parts = [
        f"# A first guess by `retrain new` from {source}: read it, and correct what you know better.",
        f"# `retrain check {name}` explains what is wrong with it; models/model.schema.json says what each key means.",
        f"name: {name}",
        f"title: {name.replace('-', ' ').capitalize()}",
        f"task: {draft.task}",
        "",
        *_data(draft),
        "",
        *_split(name, draft.few),
        "",
        *_algorithms(draft.task, draft.few),
        "",
        *_gate(draft.task),
        *(["", f"slices: [{', '.join(_plain(column) for column in draft.slices)}]"] if draft.slices else []),
        "",
        "instances: {processing: ml.m5.xlarge, processing_count: 1, training: ml.m5.xlarge}",
        "spot: true",
        "",
        "approval: {mode: manual, deadline_s: 604800} # seven days",
        "",
        "deployment: {mode: realtime, instance_type: ml.m5.large, instance_count: 1}",
    ]
    return "\n".join(parts) + "\n"


def _data(draft: Draft) -> list[str]:
    lines = ["data:", f"  target: {_plain(draft.target)}"]
    if draft.labels:
        lines += [f"  positive_label: {_quoted(draft.labels[0])}", f"  negative_label: {_quoted(draft.labels[1])}"]
    lines += ["  target_transform: log # learnt as its logarithm, answered in its own unit"] if draft.log else []
    lines += [f"  id: {_plain(draft.id)} # of one id the newest upload's row counts"] if draft.id else []
    lines += ["  without_target: drop"] if draft.drops else []
    lines += ["  mode: append # uploads add up; snapshot: each is the whole data set"]
    lines += ["  columns: # the endpoint takes records in this order"]
    for name, kind, marks in draft.features:
        rule = f"{{kind: {kind}, missing: {json.dumps(marks, ensure_ascii=False)}}}" if marks else kind
        lines.append(f"    {_plain(name)}: {rule}")
    return lines + _derived(draft)


def _derived(draft: Draft) -> list[str]:
    dates = [name for name, kind, _ in draft.features if kind == "date"]
    rules = [f"    {_plain(f'years since {name}')}: {{from: {_quoted(name)}, as: years}}" for name in dates]
    return ["  derived:", *rules] if rules else []


def _split(name: str, few: bool) -> list[str]:
    if not few:
        return [f"split: {{train: 0.7, validation: 0.15, test: 0.15, salt: {name}}}"]
    return [
        "preprocessing: {one_hot_levels: 10} # categories of few levels as 0/1 columns",
        "",
        f"split: {{train: 0.85, validation: 0, test: 0.15, salt: {name}}} # few rows: none to spare for validation",
    ]


def _algorithms(task: str, few: bool) -> list[str]:
    binary = task == "binary_classification"
    learning = ["num_round: 400", "early_stopping_rounds: 30", "max_depth: 4", "eta: 0.08"]
    if few:
        learning = ["num_round: 300" if binary else "num_round: 800", "max_depth: 3", "eta: 0.05"]
    return [
        "algorithms:",
        "  - name: xgboost",
        "    hyperparameters:",
        f"      objective: {'binary:logistic' if binary else 'reg:squarederror'}",
        f"      eval_metric: {'logloss' if binary else 'rmse'}",
        *(f"      {one}" for one in learning),
        "      subsample: 0.8",
        "      colsample_bytree: 0.8",
        "      min_child_weight: 3",
        "      tree_method: hist",
        "      seed: 7",
    ]


def _gate(task: str) -> list[str]:
    name, limit = ("roc_auc", 0.6) if task == "binary_classification" else ("r2", 0.3)
    metric = metrics_of(model_file.schema(), task)[name]
    return [
        "gate: # raise the limit once you know what is good",
        f"  - {{metric: {name}, {metric.bound}: {limit}, parameter: {metric.parameter}}}",
        f"  - {{metric: {name}, not_worse_than_champion: {{tolerance: 0.02}}}} # both on the same held-out rows",
    ]


def _plain(name: str) -> str:
    """A name as YAML reads it back."""
    if PLAIN.fullmatch(name) and yaml.safe_load(name) == name:
        return name
    return _quoted(name)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
