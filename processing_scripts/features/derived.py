"""Derived features: each is computed from one raw column by a rule from text to text, blank where nothing is known.

Cleaning applies the rule to the distinct texts of a column, serving to the texts of a request; there is no second
implementation. Needs only the standard library: it travels inside the deployable artifact.
"""

import json
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from job.refusals import Refused

from features.number_formats import NumberFormat

NUMBER, CATEGORY = "number", "category"
COUNTED = ("years", "days")  # to the day that the run recorded
PARTS: Mapping[str, Callable[[date, int], int]] = {  # of a day and its hour
    "year": lambda day, _: day.year,
    "month": lambda day, _: day.month,
    "weekday": lambda day, _: day.isoweekday(),
    "hour": lambda _, hour: hour,
}
KINDS = {
    "length": NUMBER, "bins": CATEGORY, "number": NUMBER, "category": CATEGORY,
    **dict.fromkeys((*COUNTED, *PARTS), NUMBER),
}  # fmt: skip
DAYS_A_YEAR = 365.25
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
ISO_HOUR = re.compile(r".{10}[T ](\d{2}):?\d{2}.*")


def moment(text: str, date_format: str = "") -> tuple[date, int] | None:
    """Parse a date or time: an ISO one, or one in a ``date_format`` as ``strptime`` takes it; None where it is none.

    Returns:
        the day and the hour (0 to 23) as they are written, whatever their zone.
    """
    if date_format:
        parsed = parsed_in(text, date_format)
        return (date(*parsed[:3]), parsed.tm_hour) if parsed else None
    try:
        if not ISO_DAY.fullmatch(text):
            return None
        hour = ISO_HOUR.fullmatch(text)
        return date.fromisoformat(text[:10]), int(hour[1]) if hour else 0
    except ValueError:
        return None


def parsed_in(text: str, date_format: str) -> time.struct_time | None:
    """Parse a text as ``strptime`` does; None where it is no such date."""
    try:
        return time.strptime(text, date_format)
    except ValueError:
        return None


def day(text: str, date_format: str = "") -> date | None:
    """Parse the day of a date or time; None where it is none."""
    parsed = moment(text, date_format)
    return parsed[0] if parsed else None


def as_of_from(text: str) -> date:
    """Parse the day that years are counted to.

    Raises:
        Refused: when it is no date.
    """
    as_of = day(text)
    if as_of is None:
        raise Refused(f"AsOfDate is {text!r}; write a day as 2026-06-30")
    return as_of


def json_fields(text: str) -> Mapping[str, Any] | None:
    """Parse a JSON object; None where the text is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def field_text(fields: Mapping[str, Any] | None, name: str) -> str:
    """Write one field of a JSON object as text; blank where it is not there or holds no single value."""
    value = (fields or {}).get(name)
    if value is None or isinstance(value, dict | list):
        return ""
    return " ".join(str(value).split())


@dataclass(frozen=True)
class Derived:
    """One rule of a model file's ``data.derived``."""

    name: str
    column: str  # the raw column that it reads
    rule: str  # one of KINDS
    field: str = ""  # of a JSON column
    edges: tuple[float, ...] = ()  # of bins; each begins a bin
    labels: tuple[str, ...] = ()  # one more than edges
    missing: frozenset[str] = frozenset()  # the raw column's marks
    as_of: date | None = None  # of what is counted to it
    date_format: str = ""  # the raw column's; blank: ISO
    writing: NumberFormat | None = None  # the raw column's

    @property
    def kind(self) -> str:
        """Say whether the feature is a number or a category."""
        return KINDS[self.rule]

    def text(self, value: Any) -> str:
        """Compute the feature of one raw field."""
        text = "" if value is None else str(value).strip()
        if text in self.missing:
            return ""
        text = field_text(json_fields(text), self.field) if self.field else text
        if self.rule == "bins" and self.writing and isinstance(value, str):
            return self._label(_plain(text, self.writing)) if text else ""
        return self._of(text) if text else ""

    def texts(self, values: Sequence[Any]) -> list[str]:
        """Compute the feature of many raw fields."""
        return [self.text(value) for value in values]

    def _of(self, text: str) -> str:
        if self.rule == "length":
            return str(len(text))
        if self.rule in COUNTED:
            return self._counted(text)
        if self.rule in PARTS:
            parsed = moment(text, self.date_format)
            return str(PARTS[self.rule](*parsed)) if parsed else ""
        return self._label(text) if self.rule == "bins" else text

    def _counted(self, text: str) -> str:
        """Count to the day that the run recorded: days below 0 lie ahead; of years, who begins later has none yet."""
        since = day(text, self.date_format)
        if since is None or self.as_of is None:
            return ""
        days = (self.as_of - since).days
        return str(days) if self.rule == "days" else f"{max(days, 0) / DAYS_A_YEAR:.4f}"

    def _label(self, text: str) -> str:
        try:
            number = float(text.replace("_", "?"))
        except ValueError:
            return ""
        return self.labels[bisect_right(self.edges, number)] if isfinite(number) else ""

    def document(self) -> dict[str, Any]:
        """Serialize as JSON; ``derived_from`` reads it back, with the day beside it."""
        rule: dict[str, Any] = {"from": self.column, "as": self.rule}
        rule |= {"field": self.field} if self.field else {}
        rule |= {"edges": list(self.edges), "labels": list(self.labels)} if self.edges else {}
        rule |= {"date_format": self.date_format} if self.date_format else {}
        rule |= {"number_format": self.writing.document()} if self.writing else {}
        return rule | ({"missing": sorted(self.missing)} if self.missing else {})


def _plain(text: str, writing: NumberFormat) -> str:
    """Write a number as 1234.5; blank where it is none."""
    try:
        return writing.plain(text)
    except ValueError:
        return ""


def derived_from(
    rules: Mapping[str, Mapping[str, Any]], marks: Mapping[str, frozenset[str]], as_of: date | None,
    date_formats: Mapping[str, str] | None = None, writings: Mapping[str, NumberFormat] | None = None,
) -> tuple[Derived, ...]:  # fmt: skip
    """Read a model file's ``data.derived``, or that of features.json; ``marks``, ``date_formats`` and ``writings`` are
    the raw columns'.

    Raises:
        Refused: when something is counted to a day and there is none to count to.
    """
    counted = next((rule["as"] for rule in rules.values() if rule["as"] in COUNTED), None)
    if as_of is None and counted:
        raise Refused(
            f"no day to count {counted} to: say --set AsOfDate 2026-06-30, or give the uploads with a sources.json"
        )
    formats, written = date_formats or {}, writings or {}
    return tuple(
        Derived(
            name, rule["from"], rule["as"], rule.get("field", ""), tuple(map(float, rule.get("edges", ()))),
            tuple(rule.get("labels", ())), frozenset(rule.get("missing", ())) or marks.get(rule["from"], frozenset()),
            as_of if rule["as"] in COUNTED else None, rule.get("date_format", formats.get(rule["from"], "")),
            NumberFormat.parse(rule.get("number_format")) or written.get(rule["from"]),
        )
        for name, rule in rules.items()
    )  # fmt: skip
