"""The quality gate: numbers in, reasons out. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from job.refusals import Refused

from evaluation import metrics


@dataclass(frozen=True)
class Limit:
    """One line of the gate. Limits are inclusive."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    loosened_from: float | None = None  # the model file's own number, where the run's lets worse models pass

    def broken_by(self, value: float) -> str | None:
        """Say why ``value`` does not pass, or None. NaN never passes."""
        if self.at_least is not None and not value >= self.at_least:
            return _sentence(self.metric, value, "below", self.at_least)
        if self.at_most is not None and not value <= self.at_most:
            return _sentence(self.metric, value, "above", self.at_most)
        return None


@dataclass(frozen=True)
class Verdict:
    """Reasons against a model; none means that it passed."""

    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Say whether the gate is open."""
        return not self.reasons

    def document(self) -> dict[str, Any]:
        """Serialize as JSON; the pipeline's condition reads ``outcome``."""
        outcome = "Passed" if self.passed else "Rejected"
        return {"outcome": outcome, "passed": self.passed, "reasons": list(self.reasons)}


def judge(values: Mapping[str, float], gate: Sequence[Limit]) -> Verdict:
    """Hold metrics against ``gate``."""
    reasons = (limit.broken_by(values[limit.metric]) for limit in gate)
    return Verdict(tuple(reason for reason in reasons if reason))


def gate_from(
    entries: Sequence[Mapping[str, Any]], parameters: Mapping[str, str], known: Collection[str]
) -> tuple[Limit, ...]:
    """Read the fixed limits of a model file's gate; one that names a pipeline parameter takes its value from there.

    Those that speak of champion and slices are read by ``comparison`` and ``slices``. ``known`` are the metrics of the
    model's task.

    Raises:
        Refused: when a metric is not ``known``, or when a parameter is not a number, or is not one of the gate's.
    """
    for entry in entries:
        metrics.named(entry["metric"], known)
    entries = [entry for entry in entries if "at_least" in entry or "at_most" in entry]
    unknown = sorted(set(parameters) - {entry.get("parameter") for entry in entries})
    if unknown:
        raise Refused(f"--set {unknown[0]}: no limit of the gate in the model file has this parameter")
    return tuple(_limit(entry, parameters) for entry in entries)


def _limit(entry: Mapping[str, Any], parameters: Mapping[str, str]) -> Limit:
    bound = "at_least" if "at_least" in entry else "at_most"
    given = parameters.get(entry.get("parameter", ""), entry[bound])
    try:
        held = float(given)
    except ValueError:
        raise Refused(f"parameter {entry['parameter']} is {given!r}; it takes a number") from None
    own = float(entry[bound])
    looser = held < own if bound == "at_least" else held > own
    return Limit(entry["metric"], **{bound: held}, loosened_from=own if looser else None)


def _sentence(metric: str, value: float, side: str, limit: float) -> str:
    if value != value:
        return f"{metric} is not defined on these rows; the limit is {limit:g}"
    digits = next((digits for digits in range(3, 17) if f"{value:.{digits}f}" != f"{limit:.{digits}f}"), 17)
    return f"{metric} {value:.{digits}f} is {side} {limit:.{digits}f}"
