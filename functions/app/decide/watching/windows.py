"""A watched window: what one measurement of the serving version found on one stretch of its rows. Pure.

Whoever measures writes windows, and whoever judges them (a policy, a chart, a mail) reads them: neither knows the
other.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Self, get_args

from app.decide.names.times import from_iso
from app.decide.parsing import strict

Kind = Literal["quality", "drift"]
Source = Literal["uploads", "labels", "scored", "captured"]
KINDS: tuple[str, ...] = get_args(Kind)
SOURCES: tuple[str, ...] = get_args(Source)
LONGEST_ID = 300  # characters; an item's sort key has room for 1,024 bytes


class WatchedWindow(NamedTuple):
    """A metric of one version on ``rows`` rows between ``start`` and ``end``.

    ``details`` is a small plain document: ``slices``, ``levels``, ``columns``, ``mean_predicted``, ``mean_actual``,
    ``worst`` and the like.
    """

    model: str
    kind: Kind
    source: Source
    id: str  # unique within model and kind: what is written twice under one id counts once
    start: str  # ISO, inclusive
    end: str  # ISO, inclusive; windows are in its order
    rows: int
    metric: str  # "roc_auc", "rmse", "psi", …
    value: float
    low: float | None  # 95 % interval; None where there is none
    high: float | None
    version: int  # the model version that answered
    details: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        """The window as plain values; what ``parse`` reads."""
        return self._asdict()

    @property
    def lower_is_better(self) -> bool:
        """Whether a lower value of the metric is the better one, as whoever measured it says."""
        return self.metric in self.details.get("lower_is_better", ())

    @property
    def label(self) -> str:
        """The metric's name for people."""
        return str(self.details.get("labels", {}).get(self.metric, self.metric))

    def of_metric(self, name: str) -> Self | None:
        """The same window by another metric that was measured on its rows; None where that was not, or is not defined
        on them.
        """
        if name == self.metric:
            return self
        value, low, high = self.details.get("metrics", {}).get(name, (None, None, None))
        return None if value is None else self._replace(metric=name, value=value, low=low, high=high)

    @classmethod
    @strict
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read a window that was written, or that a job measured.

        Raises:
            BadMessage: a field lacks, is no number, or names a kind or source that nobody knows.
        """
        window = cls(
            str(document["model"]), document["kind"], document["source"], str(document["id"]), str(document["start"]),
            str(document["end"]), int(document["rows"]), str(document["metric"]), float(document["value"]),
            _bound(document.get("low")), _bound(document.get("high")), int(document["version"]),
            dict(document.get("details") or {}),
        )  # fmt: skip
        if problem := window._problem():
            raise ValueError(problem)
        return window

    def _problem(self) -> str:
        """What is wrong with the window; nothing where it is whole."""
        if self.kind not in KINDS or self.source not in SOURCES:
            return f"no window is of kind {self.kind} from {self.source}"
        if not self.id or len(self.id) > LONGEST_ID:
            return f"a window's id has 1 to {LONGEST_ID} characters"
        if not all(math.isfinite(number) for number in (self.value, self.low, self.high) if number is not None):
            return "a window's numbers are finite"
        if from_iso(self.start) > from_iso(self.end):
            return f"a window ends at {self.end}, before it starts"
        return ""


def _bound(value: Any) -> float | None:
    return None if value is None else float(value)
