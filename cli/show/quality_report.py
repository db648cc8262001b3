"""What serves, on rows that were new to it: a table with intervals, and a chart of text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.decide.comparison_text import metric_text
from app.decide.names.shown_text import shown
from app.decide.watching.series import by_day, interval_text, story
from app.decide.watching.windows import WatchedWindow

from cli.errors import UserError
from cli.stack.target import Target

WIDTH = 24  # characters of the chart
RIGHT = (1, 2, 4, 5)  # columns of numbers
NOTHING = (
    "Nothing was measured yet: each upload's rows that are new to what serves are answered by it before anything"
    " learns from them. Upload some: retrain upload {model} FILE"
)


@dataclass(frozen=True)
class QualityReport:
    """The newest windows of a model, oldest first, and what they say."""

    model: str
    story: str
    windows: list[dict[str, Any]] = field(default_factory=list)


def of_model(target: Target, model: str, metric: str | None, most: int, *, daily: bool) -> QualityReport:
    """The ``most`` newest windows of a model, by ``metric`` or by its gate's first; ``daily``: put together by day.

    Raises:
        UserError: no run of the model ever began, or no window has that metric.
    """
    ledger = target.ledger()
    if model not in (known := ledger.models_with_runs()):
        raise UserError(f"'{model}' is no model here (models: {', '.join(known) or 'none has run yet'})")
    found = ledger.newest_windows(model, "quality", most)
    windows = [by for window in found if (by := window.of_metric(metric or window.metric))]
    if found and not windows:
        there = sorted({name for window in found for name in (window.metric, *window.details.get("metrics", ()))})
        raise UserError(f"no window was measured by '{metric}'; there are: {', '.join(there)}")
    shown_windows = by_day(windows) if daily else windows[::-1]
    return QualityReport(model, story(windows), [window.document() for window in shown_windows])


def render_text(report: QualityReport) -> str:
    """The report for a person."""
    windows = [WatchedWindow.parse(document) for document in report.windows]
    if not windows:
        return NOTHING.format(model=report.model)
    label = windows[-1].label
    heading = ("day", "rows", "version", f"{label} (95% interval)", "predicted", "true", "uploads", "")
    rows = [heading, *(_row(window, chart) for window, chart in zip(windows, charts(windows), strict=True))]
    widths = [max(len(row[at]) for row in rows) for at in range(len(heading))]
    places = [f"{'>' if at in RIGHT else '<'}{width}" for at, width in enumerate(widths)]
    lines = ["  ".join(map(format, row, places)) for row in rows]
    better = "lower is better" if windows[-1].lower_is_better else "higher is better"
    told = [report.story, "", *(line.rstrip() for line in lines), "", f"{label}: {better}."]
    return "\n".join(shown(line, 1_000) for line in told)


def _row(window: WatchedWindow, chart: str) -> tuple[str, ...]:
    details = window.details
    means = [metric_text(details[name]) if name in details else "-" for name in ("mean_predicted", "mean_actual")]
    names = [name.rpartition("/")[2] for name in details.get("uploads", ())]
    more = int(details.get("of", len(names))) - len(names)
    uploads = ", ".join(names) + (f"{' and ' if names else ''}{more} more" if more > 0 and names else "")
    counted = uploads or f"{details.get('of', 1)}"
    return (
        window.end[:10], f"{window.rows:,}", str(window.version), interval_text(window), *means, shown(counted, 40),
        chart,
    )  # fmt: skip


def charts(windows: Sequence[WatchedWindow]) -> list[str]:
    """A line for each window: a dot at its value, a dash along its interval, all on one scale."""
    lows = [window.value if window.low is None else window.low for window in windows]
    highs = [window.value if window.high is None else window.high for window in windows]
    least, most = min(lows), max(highs)

    def place(value: float) -> int:
        return round((value - least) / (most - least) * (WIDTH - 1)) if most > least else 0

    return [
        "".join(
            "●" if at == place(window.value) else "─" if place(low) <= at <= place(high) else " " for at in range(WIDTH)
        )
        for window, low, high in zip(windows, lows, highs, strict=True)
    ]
