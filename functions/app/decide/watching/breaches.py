"""What a single window says: whether it speaks for a run, in words. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.decide.watching.policy_file import DriftRule, QualityRule
from app.decide.watching.windows import WatchedWindow

MOST_NAMED = 3  # columns of a drift window that its sentence names


class Expected(NamedTuple):
    """What the evaluation of a version measured: the serving one's."""

    version: int
    metrics: Mapping[str, Any]
    lower_is_better: frozenset[str] = frozenset()


def quality_breach(rule: QualityRule, window: WatchedWindow, expected: Expected | None) -> str:
    """What a window's metric says against the rule; "" where it says nothing.

    Where the window has an interval all of it has to be worse than the limit: a small window breaks none by chance.
    """
    limit, low_is_bad = _limit(rule, window, expected)
    if limit is None:
        return ""
    at_best = window.high if low_is_bad else window.low
    best = window.value if at_best is None else at_best
    if not (best < limit if low_is_bad else best > limit):
        return ""
    word = "below" if low_is_bad else "above"
    interval = "" if window.low is None or window.high is None else f" ({window.low:.3f} to {window.high:.3f})"
    return f"{window.metric} {window.value:.3f}{interval} is {word} {limit:.3f}, {_where(window)}"


def _limit(rule: QualityRule, window: WatchedWindow, expected: Expected | None) -> tuple[float | None, bool]:
    """The limit, and whether it is a lowest value."""
    if rule.below is not None:
        return rule.below, True
    if rule.above is not None:
        return rule.above, False
    if expected is None or expected.version != window.version or rule.worse_by is None:
        return None, True
    own = expected.metrics.get(rule.metric)
    if own is None:
        return None, True
    lower_is_better = rule.metric in expected.lower_is_better
    return float(own) + (rule.worse_by if lower_is_better else -rule.worse_by), not lower_is_better


def drift_breach(rule: DriftRule, window: WatchedWindow) -> str:
    """Which columns of a window drifted, where they are as many as the rule says; "" otherwise."""
    drifted = [str(name) for name in window.details.get("drifted", ())]
    if len(drifted) < rule.columns:
        return ""
    more = f" and {len(drifted) - MOST_NAMED} more" if len(drifted) > MOST_NAMED else ""
    named = ", ".join(f"'{name}'" for name in drifted[:MOST_NAMED])
    return f"{named}{more} drifted ({window.metric} {window.value:.2f}), {_where(window)}"


def _where(window: WatchedWindow) -> str:
    return f"{window.rows:,} rows of {window.source} until {window.end}"
