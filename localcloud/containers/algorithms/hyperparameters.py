"""What an algorithm's hyperparameters may be: how each is read from its text, and the values that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class UserError(Exception):
    """The job was configured wrongly; the customer can mend it."""


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends; ``(`` and ``)`` mark an end that is left out."""

    low: float | None = None
    high: float | None = None
    ends: str = "[]"

    def __contains__(self, value: float) -> bool:
        above = self.low is None or value > self.low or (value == self.low and self.ends[0] == "[")
        below = self.high is None or value < self.high or (value == self.high and self.ends[1] == "]")
        return above and below

    def __str__(self) -> str:
        low = "(-inf" if self.low is None else f"{self.ends[0]}{self.low:g}"
        high = "+inf)" if self.high is None else f"{self.high:g}{self.ends[1]}"
        return f"{low}, {high}"


@dataclass(frozen=True)
class Hyperparameter:
    """How one is read from its text, and which values it takes."""

    parse: Callable[[str], Any]
    allowed: Any  # an Interval or a collection; for lists every element is held against it


@dataclass(frozen=True)
class OrWord:
    """A range that also takes one of some words."""

    allowed: Any
    words: tuple[str, ...] = ("auto",)

    def __contains__(self, value: Any) -> bool:
        return value in self.words or (not isinstance(value, str) and value in self.allowed)

    def __str__(self) -> str:
        return f"{self.allowed} or {' or '.join(self.words)}"


def integer(low: float = 1) -> Hyperparameter:
    """An integer from ``low`` on."""
    return Hyperparameter(int, Interval(low))


def number(low: float | None = 0, high: float | None = None, ends: str = "[]") -> Hyperparameter:
    """A number in a range."""
    return Hyperparameter(float, Interval(low, high, ends))


def one_of(*allowed: str) -> Hyperparameter:
    """One of a few words."""
    return Hyperparameter(str, allowed)


def or_auto(rule: Hyperparameter) -> Hyperparameter:
    """The same, or ``auto``."""
    return Hyperparameter(lambda text: text if text == "auto" else rule.parse(text), OrWord(rule.allowed))


def parse_hyperparameters(
    table: Mapping[str, Hyperparameter], required: Sequence[str], given: Mapping[str, str]
) -> dict[str, Any]:
    """Hyperparameters as values; names that begin with an underscore are the service's own.

    Raises:
        UserError: an unknown or missing name, or a value out of its range.
    """
    problems = [f"'{name}' is a required property" for name in required if name not in given]
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name.startswith("_"):
            continue
        if name not in table:
            problems.append(f"Additional properties are not allowed ('{name}' was unexpected)")
            continue
        try:
            values[name] = table[name].parse(str(text).strip('"'))
        except ValueError:
            problems.append(f"'{text}' is not valid for {name}: expected {_shown(table[name])}")
            continue
        if values[name] not in table[name].allowed:
            problems.append(f"'{text}' is not valid for {name}: expected {_shown(table[name])}")
    if problems:
        raise UserError(
            "Unable to initialize the algorithm. Failed to validate hyperparameters. (caused by ValidationError)\n\n"
            f"Caused by: {'; '.join(problems)}"
        )
    return values


def _shown(rule: Hyperparameter) -> str:
    return ", ".join(map(str, rule.allowed)) if isinstance(rule.allowed, tuple) else str(rule.allowed)
