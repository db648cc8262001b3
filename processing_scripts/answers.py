"""The target in the domain's words and in the model's numbers, and back.

Needs only the standard library: it travels inside the deployable artifact.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from refusals import Refused


@dataclass(frozen=True)
class BinaryAnswer:
    """A yes or no. The model says how probable ``positive_label`` is; at ``threshold`` (inclusive) it is the answer."""

    positive_label: str
    negative_label: str
    threshold: float = 0.5

    def encode(self, text: str) -> float:
        """Turn a label into 1.0 or 0.0.

        Raises:
            Refused: when it is neither label.
        """
        if text == self.positive_label:
            return 1.0
        if text == self.negative_label:
            return 0.0
        raise Refused(f"{text!r} is neither {self.positive_label!r} nor {self.negative_label!r}")

    def label(self, probability: float) -> str:
        """Name the answer that goes with ``probability``."""
        return self.positive_label if probability >= self.threshold else self.negative_label

    def document(self) -> dict[str, Any]:
        """As JSON; ``answer_from`` reads it back."""
        return {"task": "binary_classification", **asdict(self)}


def answer_from(document: Mapping[str, Any]) -> BinaryAnswer:
    """Read answer settings, from features.json or from a model file's ``data``."""
    return BinaryAnswer(document["positive_label"], document["negative_label"], float(document.get("threshold", 0.5)))
