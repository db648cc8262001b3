"""A series of watched windows: put together by day, and what it says in a sentence. Pure."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from app.decide.comparison_text import metric_text
from app.decide.watching.windows import WatchedWindow

BOTH_MEANS = ("mean_predicted", "mean_actual")


def by_day(windows: Iterable[WatchedWindow]) -> list[WatchedWindow]:
    """One window a day, version, source and metric, in order: the mean by rows, which is exact for metrics that are
    means themselves and near for the others, with the interval of such a mean.
    """

    def key(window: WatchedWindow) -> tuple[str, int, str, str]:
        return window.end[:10], window.version, window.source, window.metric

    return [_together(list(group)) for _, group in groupby(sorted(windows, key=key), key)]


def _together(windows: Sequence[WatchedWindow]) -> WatchedWindow:
    first, rows = windows[0], sum(window.rows for window in windows)
    if len(windows) == 1:
        return first
    value = _mean([(window.rows, window.value) for window in windows])
    reaches = [None if window.low is None else window.value - window.low for window in windows]
    above = [None if window.high is None else window.high - window.value for window in windows]
    low, high = _reach(windows, reaches), _reach(windows, above)
    means = {
        name: _mean([(window.rows, window.details[name]) for window in windows])
        for name in BOTH_MEANS
        if all(name in window.details for window in windows)
    }
    return first._replace(
        id=f"{first.end[:10]}#v{first.version}", start=min(window.start for window in windows),
        end=max(window.end for window in windows), rows=rows, value=value,
        low=None if low is None else value - low, high=None if high is None else value + high,
        details={name: first.details[name] for name in ("labels", "lower_is_better") if name in first.details}
        | means | {"of": sum(int(window.details.get("of", 1)) for window in windows)},
    )  # fmt: skip


def _mean(weighted: Sequence[tuple[int, float]]) -> float:
    return sum(rows * value for rows, value in weighted) / sum(rows for rows, _ in weighted)


def _reach(windows: Sequence[WatchedWindow], reaches: Sequence[float | None]) -> float | None:
    """How far the interval of a mean by rows reaches, of independent windows; None where one has no interval."""
    known = [(window.rows, reach) for window, reach in zip(windows, reaches, strict=True) if reach is not None]
    if len(known) < len(windows):
        return None
    return math.sqrt(sum((rows * reach) ** 2 for rows, reach in known)) / sum(rows for rows, _ in known)


def interval_text(window: WatchedWindow) -> str:
    """A window's value, with its interval where it has one."""
    if window.low is None or window.high is None:
        return metric_text(window.value)
    return f"{metric_text(window.value)} ({metric_text(window.low)} to {metric_text(window.high)})"


def story(windows: Iterable[WatchedWindow]) -> str:
    """What serves, on rows that were new to it, in a sentence: how it does now, and whether it has fallen since the
    first of its ``windows`` by more than chance; "" without any.
    """
    in_order = sorted(windows, key=lambda window: window.end, reverse=True)
    if not in_order:
        return ""
    newest = in_order[0]
    own = [window for window in in_order if (window.version, window.metric) == (newest.version, newest.metric)]
    oldest, now = own[-1], f"{newest.label} {interval_text(newest)} on {newest.rows:,} rows of {newest.end[:10]}"
    serves = f"What serves, version {newest.version}"
    if _is_worse(newest, oldest):
        was = f"{metric_text(oldest.value)} on {oldest.rows:,} rows of {oldest.end[:10]}"
        return f"{serves}, has fallen on rows that were new to it: from {oldest.label} {was} to {now}."
    return f"{serves}, answered rows that were new to it with {now}."


def _is_worse(newest: WatchedWindow, oldest: WatchedWindow) -> bool:
    """Whether the newest is worse by more than the intervals of both leave to chance."""
    loss = newest.value - oldest.value if newest.lower_is_better else oldest.value - newest.value
    worse = newest.lower_is_better
    ends = (newest.low, oldest.high) if worse else (newest.high, oldest.low)
    if ends[0] is None or ends[1] is None:
        return False
    reaches = math.hypot(abs(newest.value - ends[0]), abs(oldest.value - ends[1]))
    return loss > reaches
