"""The ``retrain`` section of a published model, read: when a run may begin without a person asking for it. Pure."""

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.decide.parsing import strict

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class OnUpload(StrEnum):
    """What the uploads of a quiet batch begin."""

    ALWAYS = "always"
    WHEN_DUE = "when_due"


class Mode(StrEnum):
    """Whether a run that is due begins, or a person is asked to begin it."""

    START = "start"
    ASK = "ask"


class Windows(NamedTuple):
    """So many windows at least, of the newest so many."""

    least: int
    of: int

    def __str__(self) -> str:
        return f"{self.least} of {self.of}"

    @staticmethod
    def parse(text: str) -> "Windows":
        """From ``2 of 5``."""
        least, _, of = text.partition(" of ")
        return Windows(int(least), int(of))


class Duration(NamedTuple):
    """A duration as it was written, and as it is."""

    text: str
    span: timedelta

    @staticmethod
    def parse(text: str) -> "Duration":
        """From ``12h``, ``30m`` or ``2d``."""
        found = re.fullmatch(r"(\d+)([mhd])", text)
        if not found:
            raise ValueError(f"{text!r} is no duration as 12h, 30m or 2d")
        return Duration(text, timedelta(**{UNITS[found[2]]: int(found[1])}))


class Schedule(NamedTuple):
    """When a run is due by itself."""

    expression: str  # cron(…) or rate(…), as EventBridge Scheduler takes it
    timezone: str

    @property
    def text(self) -> str:
        """As people read it."""
        return f"{self.expression}, {self.timezone}"


class DriftRule(NamedTuple):
    """What of a drift window makes it speak for a run."""

    windows: Windows
    columns: int  # that drifted, at least


class QualityRule(NamedTuple):
    """What of a quality window makes it speak for a run; one of the three limits is there."""

    windows: Windows
    metric: str
    worse_by: float | None  # than the version's own evaluation
    below: float | None
    above: float | None


class AtMost(NamedTuple):
    """So many runs within so many days."""

    runs: int
    days: int


class Policy(NamedTuple):
    """When runs begin; without anything in it each batch of uploads begins one, and nothing else does."""

    on_upload: OnUpload = OnUpload.ALWAYS
    schedule: Schedule | None = None
    on_drift: DriftRule | None = None
    on_quality: QualityRule | None = None
    cooldown: Duration | None = None
    at_most: AtMost | None = None
    budget: float | None = None  # dollars a calendar month
    mode: Mode = Mode.START

    @property
    def looks_at_windows(self) -> int:
        """How many windows of a kind it looks at."""
        return max((rule.windows.of for rule in (self.on_drift, self.on_quality) if rule), default=0)

    @staticmethod
    @strict
    def parse(section: Mapping[str, Any]) -> "Policy":
        """From the ``retrain`` section of a model file.

        Raises:
            BadMessage: it is not one that ``retrain check`` passes.
        """
        schedule, at_most, budget = section.get("schedule"), section.get("at_most"), section.get("budget")
        return Policy(
            OnUpload(section.get("on_upload", "always")),
            Schedule(str(schedule["expression"]), str(schedule.get("timezone", "UTC"))) if schedule else None,
            _drift(section.get("on_drift")),
            _quality(section.get("on_quality")),
            Duration.parse(str(section["cooldown"])) if section.get("cooldown") else None,
            AtMost(int(at_most["runs"]), int(at_most["days"])) if at_most else None,
            None if budget is None else float(budget),
            Mode(section.get("mode", "start")),
        )


def _drift(rule: Mapping[str, Any] | None) -> DriftRule | None:
    if rule is None:
        return None
    return DriftRule(Windows.parse(rule.get("windows", "2 of 5")), int(rule.get("columns", 1)))


def _quality(rule: Mapping[str, Any] | None) -> QualityRule | None:
    if rule is None:
        return None
    limits = [None if rule.get(name) is None else float(rule[name]) for name in ("worse_by", "below", "above")]
    return QualityRule(Windows.parse(rule.get("windows", "2 of 5")), str(rule["metric"]), *limits)
