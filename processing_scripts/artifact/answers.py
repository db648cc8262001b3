"""Encode targets: labels or values in the domain to the model's numbers, and predictions to response fields.

Needs only the standard library and numpy: it travels inside the deployable artifact.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from job.numbers import finite
from job.refusals import Refused
from numpy.typing import NDArray

NEAREST = 1e-7  # to 0 and 1 that a probability's log-odds are taken of

Field = float | str
"""One field of a response."""


class Answer(Protocol):
    """The target of one task.

    ``number`` is its value in the target's own unit, 1.0 and 0.0 for two labels, or the place among several classes.
    """

    @property
    def task(self) -> str:
        """Name the task as the model file does."""

    @property
    def remedy(self) -> str:
        """Say where to look when a target cannot be read."""

    def encode(self, text: str) -> float:
        """Read a target.

        Raises:
            Refused: when it is none.
        """

    def text(self, number: float) -> str:
        """Write a target as an upload has it; ``encode`` reads it back."""

    def learnt(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Transform targets to what the algorithm learns."""

    def response_fields(self, prediction: Any) -> dict[str, Field]:
        """Name the fields of the response to one record, from what the algorithm predicts."""

    def read(self, fields: list[str]) -> dict[str, Field]:
        """Parse the fields of a CSV response."""

    def scores(self, fields: list[str]) -> list[float]:
        """Parse the numbers of a CSV response: one, or a probability of each class."""

    def document(self) -> dict[str, Any]:
        """Serialize as JSON; ``answer_from`` reads it back."""


@dataclass(frozen=True)
class BinaryAnswer:
    """Two labels. The model predicts the probability of ``positive_label``, the label from ``threshold`` on."""

    positive_label: str
    negative_label: str
    threshold: float = 0.5  # inclusive
    calibration: Mapping[str, Any] | None = None  # from the algorithm's probability to one that is observed
    task = "binary_classification"
    remedy = "correct the file, or positive_label and negative_label in the model file"

    def encode(self, text: str) -> float:
        """Turn a label into 1.0 or 0.0.

        Raises:
            Refused: when it is neither label.
        """
        if text == self.positive_label:
            return 1.0
        if text == self.negative_label:
            return 0.0
        raise _unfit(text, f"is neither {self.positive_label!r} nor {self.negative_label!r}")

    def text(self, number: float) -> str:
        """Choose the label that goes with a probability."""
        return self.positive_label if number >= self.threshold else self.negative_label

    def learnt(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave labels as they are."""
        return numbers

    def response_fields(self, prediction: Any) -> dict[str, Field]:
        """Name probability (the shortest text that gives the float32 back, as a number) and label."""
        probability = self.probability(float(str(prediction)))
        return {"probability": probability, "label": self.text(probability)}

    def probability(self, score: float) -> float:
        """Calibrate what the algorithm predicts; without a calibration it is the probability."""
        if self.calibration is None:
            return score
        if self.calibration["kind"] == "isotonic":
            return float(np.interp(score, self.calibration["from"], self.calibration["to"]))
        inner = min(max(score, NEAREST), 1 - NEAREST)
        log_odds = math.log(inner / (1 - inner))
        return 1 / (1 + math.exp(-(self.calibration["slope"] * log_odds + self.calibration["shift"])))

    def read(self, fields: list[str]) -> dict[str, Field]:
        """Parse probability and label."""
        return {"probability": float(fields[0]), "label": fields[1]}

    def scores(self, fields: list[str]) -> list[float]:
        """Parse the probability."""
        return [float(fields[0])]

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        return {"task": self.task, **asdict(self)}


@dataclass(frozen=True)
class ClassesAnswer:
    """One of several classes. The model predicts the probability of each, and the label is the likeliest.

    A class's number is its place in ``classes``. An algorithm that predicts no probabilities gives the number alone,
    and the response is then the label alone.
    """

    classes: tuple[str, ...]
    task = "multiclass_classification"
    remedy = "correct the file, or classes in the model file"

    def encode(self, text: str) -> float:
        """Turn a class into its number.

        Raises:
            Refused: when it is none.
        """
        if text not in self.classes:
            raise _unfit(text, f"is none of {', '.join(map(repr, self.classes))}")
        return float(self.classes.index(text))

    def text(self, number: float) -> str:
        """Name the class of a number."""
        return self.classes[int(number)]

    def learnt(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave the classes' numbers as they are."""
        return numbers

    def response_fields(self, prediction: Any) -> dict[str, Field]:
        """Name each class's probability, and the label; a class that was never learnt from has none, which is 0."""
        numbers = np.asarray(prediction)
        if numbers.ndim == 0:
            return {"label": self.text(float(numbers))}
        known = [float(str(number)) for number in numbers]
        probabilities = [*known, *[0.0] * (len(self.classes) - len(known))]
        label = self.text(int(np.argmax(numbers)))
        return dict(zip(self._names, probabilities, strict=True)) | {"label": label}

    def read(self, fields: list[str]) -> dict[str, Field]:
        """Parse the probabilities, where there are some, and the label."""
        numbers = map(float, fields[:-1])
        return dict(zip(self._names, numbers, strict=False)) | {"label": fields[-1]}

    def scores(self, fields: list[str]) -> list[float]:
        """Parse the probabilities; NaN for each class where there are none."""
        return [float(field) for field in fields[:-1]] or [math.nan] * len(self.classes)

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        return {"task": self.task, "classes": list(self.classes)}

    @property
    def _names(self) -> list[str]:
        return [f"probability_{name}" for name in self.classes]


@dataclass(frozen=True)
class ValueAnswer:
    """A number in the target's own unit; with ``transform`` "log" the algorithm learns its natural logarithm.

    What such a model predicts is a median in the target's unit; times ``factor`` it is a mean.
    """

    transform: str = "none"
    factor: float = 1.0  # of a logarithm alone
    task = "regression"
    remedy = "correct the file, or the target or its transform in the model file"

    def encode(self, text: str) -> float:
        """Read the number.

        Raises:
            Refused: when it is none, is not finite, or has no logarithm where one is learnt.
        """
        try:
            number = float(text.replace("_", "?"))
        except ValueError:
            raise _unfit(text, "is not a number") from None
        if not finite(number):
            raise _unfit(text, "is not a finite number")
        if self.transform == "log" and number <= 0:
            raise _unfit(text, "is not above 0, and its logarithm is what is learnt")
        return number

    def text(self, number: float) -> str:
        """Write the number; without a point where it is whole."""
        return repr(float(number)).removesuffix(".0")

    def learnt(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave the numbers, or take their logarithms."""
        return np.log(numbers) if self.transform == "log" else numbers

    def response_fields(self, prediction: Any) -> dict[str, Field]:
        """Name the value in the target's own unit."""
        if self.transform == "log":
            return {"value": math.exp(float(prediction)) * self.factor}
        return {"value": float(str(prediction))}

    def read(self, fields: list[str]) -> dict[str, Field]:
        """Parse the value."""
        return {"value": float(fields[0])}

    def scores(self, fields: list[str]) -> list[float]:
        """Parse the value."""
        return [float(fields[0])]

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        return {"task": self.task, **asdict(self)}


def _unfit(text: str, why: str) -> Refused:
    return Refused(f"{text[:80]!r} {why}", f"what stands there {why}")


def answer_from(document: Mapping[str, Any], task: str = "") -> Answer:
    """Read answer settings: from features.json, or from a model file's ``data`` and its ``task``."""
    task = task or document["task"]
    if task == ClassesAnswer.task:
        return ClassesAnswer(tuple(document["classes"]))
    if task == ValueAnswer.task:
        transform = document.get("target_transform") or document.get("transform") or "none"
        return ValueAnswer(transform, float(document.get("factor", 1.0)))
    return BinaryAnswer(
        document["positive_label"], document["negative_label"], float(document.get("threshold", 0.5)),
        document.get("calibration"),
    )  # fmt: skip
