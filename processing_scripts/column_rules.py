"""What a model file says of its columns and its target, as the scripts need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from answers import Answer, answer_from
from features import DENSE, DENSE_ALGORITHMS, ORDINAL
from refusals import Refused


@dataclass(frozen=True)
class ColumnRule:
    """One feature: its kind, and the texts that mean "missing" besides the blank."""

    kind: str  # number | category
    missing: frozenset[str] = frozenset()

    @staticmethod
    def parse(given: str | Mapping[str, Any], marks: frozenset[str]) -> "ColumnRule":
        """From a kind alone, or from a mapping whose ``missing`` stands in the place of the data set's ``marks``."""
        if isinstance(given, str):
            return ColumnRule(given, marks)
        missing = frozenset(given["missing"]) if "missing" in given else marks
        return ColumnRule(given["kind"], missing)


@dataclass(frozen=True)
class Settings:
    """What preprocessing needs of a model file."""

    model: str
    columns: Mapping[str, ColumnRule]
    target: str
    id: str | None
    missing: frozenset[str]
    drops_unanswered: bool
    split: Mapping[str, Any]
    answer: Answer
    encodings: tuple[str, ...] = (ORDINAL,)  # what the model's algorithms read

    @staticmethod
    def parse(document: Mapping[str, Any], split: Mapping[str, float] | None = None) -> "Settings":
        """Read a validated model file; ``split`` overrides fractions of its split."""
        data = document["data"]
        marks = frozenset(data["missing"])
        columns = {name: ColumnRule.parse(given, marks) for name, given in data["columns"].items()}
        used = {DENSE if one["name"] in DENSE_ALGORITHMS else ORDINAL for one in document["algorithms"]}
        return Settings(
            document["name"], columns, data["target"], data.get("id"), marks, data["without_target"] == "drop",
            dict(document["split"]) | dict(split or {}), answer_from(data, document["task"]), tuple(sorted(used)),
        )  # fmt: skip

    @property
    def needed(self) -> list[str]:
        """Columns that an upload must have."""
        return [*([self.id] if self.id else []), *self.columns, self.target]


def split_from(given: Mapping[str, str]) -> dict[str, float]:
    """Read ``TrainFraction`` and ``ValidationFraction``; what they leave is for test.

    Raises:
        Refused: when they are no fractions or leave nothing.
    """
    try:
        train, validation = float(given["TrainFraction"]), float(given["ValidationFraction"])
    except ValueError:
        raise Refused(f"TrainFraction and ValidationFraction are numbers, not {' and '.join(given.values())}") from None
    test = round(1 - train - validation, 12)
    if not (0 < train < 1 and 0 < validation < 1 and 0 < test < 1):
        raise Refused(
            f"TrainFraction {train:g} and ValidationFraction {validation:g} leave {test:g} of the rows for test; "
            "all three must be above 0 and below 1"
        )
    return {"train": train, "validation": validation, "test": test}
