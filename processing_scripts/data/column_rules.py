"""The column rules and the target of a model file, parsed as the scripts need them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from artifact.answers import Answer, answer_from
from features.derived import Derived, day, derived_from
from features.features import DENSE, DENSE_ALGORITHMS, ORDINAL
from features.number_formats import NumberFormat
from job.refusals import Refused

FRACTIONS = ("TrainFraction", "ValidationFraction")
ROW_KEY = "(row key)"  # in cleaned rows without an id: what the row was before it was cleaned


@dataclass(frozen=True)
class ColumnRule:
    """One feature: its kind, and the texts that mean "missing" besides the blank."""

    kind: str  # number | category | date | json
    missing: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()  # of JSON
    date_format: str = ""  # of dates; blank: ISO
    writing: NumberFormat | None = None  # of numbers; None: as 1234.5

    @staticmethod
    def parse(given: str | Mapping[str, Any], marks: frozenset[str]) -> "ColumnRule":
        """Parse a kind alone, or a mapping whose ``missing`` stands in the place of the data set's ``marks``."""
        if isinstance(given, str):
            return ColumnRule(given, marks)
        missing = frozenset(given["missing"]) if "missing" in given else marks
        return ColumnRule(
            given["kind"], missing, tuple(given.get("fields", ())), given.get("date_format", ""),
            NumberFormat.parse(given.get("number_format")),
        )  # fmt: skip

    def day(self, text: str) -> date | None:
        """Parse a date of the column; None where it is none."""
        return day(text, self.date_format)

    @property
    def learnt(self) -> bool:
        """Say whether it is a feature by itself; from dates and JSON, features are derived."""
        return self.kind in ("number", "category")


@dataclass(frozen=True)
class Settings:
    """The part of a model file that preprocessing needs."""

    model: str
    columns: Mapping[str, ColumnRule]
    target: str
    id: str | None
    missing: frozenset[str]
    drop_rows_without_target: bool
    split: Mapping[str, Any]
    answer: Answer
    encodings: tuple[str, ...] = (ORDINAL,)  # what the model's algorithms read
    derived: tuple[Derived, ...] = ()
    as_of: date | None = None  # the day that years and days are counted to
    cleaned: bool = False  # the rows have their derived columns already
    one_hot_levels: int = 0  # categories of at most so many levels are 0/1 columns for trees too
    group: tuple[str, ...] = ()  # columns whose values together say which rows stay on one side of the split
    sensitive: bool = False  # messages quote nothing of the rows
    fairness: tuple[str, ...] = ()  # columns by which the model is compared on held-out rows, features or not

    @staticmethod
    def parse(
        document: Mapping[str, Any], split: Mapping[str, float] | None = None, as_of: date | None = None,
        *, cleaned: bool = False,
    ) -> "Settings":  # fmt: skip
        """Read a validated model file; ``split`` overrides fractions of its split."""
        data = document["data"]
        marks = frozenset(data["missing"])
        columns = {name: ColumnRule.parse(given, marks) for name, given in data["columns"].items()}
        derived = derived_from(
            data.get("derived", {}), {name: rule.missing for name, rule in columns.items()}, as_of,
            {name: rule.date_format for name, rule in columns.items() if rule.date_format},
            {name: rule.writing for name, rule in columns.items() if rule.writing},
        )  # fmt: skip
        few = document.get("preprocessing", {}).get("one_hot_levels", 0)
        used = {DENSE if algorithm["name"] in DENSE_ALGORITHMS else ORDINAL for algorithm in document["algorithms"]}
        return Settings(
            document["name"], columns, data["target"], data.get("id"), marks, data["without_target"] == "drop",
            dict(document["split"]) | dict(split or {}), answer_from(data, document["task"]), tuple(sorted(used)),
            derived, as_of, cleaned, few, tuple(data.get("group", ())), data.get("sensitive", False),
            tuple(document.get("fairness", {}).get("columns", ())),
        )  # fmt: skip

    @property
    def needed(self) -> list[str]:
        """Name the columns that an upload must have, each once."""
        derived = [rule.name for rule in self.derived] if self.cleaned else []
        key = [ROW_KEY] if self.cleaned and not self.id else []
        identity = [self.id] if self.id else key
        return list(dict.fromkeys([*identity, *self.columns, *derived, *self.beside, self.target]))

    @property
    def beside(self) -> list[str]:
        """Name the columns that only the split and fairness read: neither feature, nor derived, nor id."""
        columns = [*self.group, *([self.by] if self.by else []), *self.fairness]
        known = {*self.columns, self.id, *(rule.name for rule in self.derived)}
        return [name for name in dict.fromkeys(columns) if name not in known]

    @property
    def compared_by(self) -> list[str]:
        """Name the columns that test rows are compared by, features or not: groups, and time where it has periods."""
        return list(dict.fromkeys([*self.fairness, *([self.by] if self.by and self.split.get("periods") else [])]))

    @property
    def by(self) -> str | None:
        """Name the column whose newest rows are held out; None where a hash decides."""
        return self.split.get("by")

    @property
    def cuts(self) -> int:
        """Count the periods of the test rows before each of which a model is to learn anew; 0 for none."""
        return int(self.split.get("cuts", 0)) if self.by else 0

    @property
    def key(self) -> list[str]:
        """Say by what rows are told apart when they are split: a word for it, and its columns."""
        if self.group:
            return ["group", *self.group]
        return ["id", self.id] if self.id else ["features" if self.by_features else "row"]

    @property
    def by_features(self) -> bool:
        """Say whether a row without an id is known by all but its answer; else its answer counts, too."""
        return bool(self.split.get("row") == "features")

    @property
    def by_format(self) -> str:
        """Say how the dates of the column of time are written; blank: ISO."""
        rule = self.columns.get(self.by or "")
        return rule.date_format if rule else ""

    def marks(self, column: str) -> frozenset[str]:
        """List the texts that mean "missing" in a column, feature or not."""
        return self.columns[column].missing if column in self.columns else self.missing

    @property
    def counts_years(self) -> bool:
        """Say whether a feature depends on the as-of day."""
        return any(rule.as_of for rule in self.derived)

    @property
    def features(self) -> dict[str, ColumnRule]:
        """List what the algorithm learns from: raw columns of numbers and levels, then the derived ones."""
        raw = {name: rule for name, rule in self.columns.items() if rule.learnt}
        return raw | {rule.name: ColumnRule(rule.kind) for rule in self.derived}


def split_from(given: Mapping[str, str]) -> dict[str, float] | None:
    """Read ``TrainFraction`` and ``ValidationFraction``; what they leave is for test. None where neither is given.

    Raises:
        Refused: when they are no fractions or leave nothing, or one of them is not given.
    """
    texts = [given[name] for name in FRACTIONS if name in given]
    if not texts:
        return None
    try:
        train, validation = map(float, texts)
    except ValueError:
        raise Refused(f"{' and '.join(FRACTIONS)} are numbers, both given, not {' and '.join(texts)}") from None
    test = round(1 - train - validation, 12)
    if not (0 < train < 1 and 0 <= validation < 1 and 0 < test < 1):
        raise Refused(
            f"TrainFraction {train:g} and ValidationFraction {validation:g} leave {test:g} of the rows for test; "
            "all but validation must be above 0, and all below 1"
        )
    return {"train": train, "validation": validation, "test": test}
