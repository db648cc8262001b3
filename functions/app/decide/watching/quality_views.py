"""What a model's page shows of its quality on new rows: a sentence and a line. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from app.decide.pages.charts import Line, course
from app.decide.watching.series import story
from app.decide.watching.windows import WatchedWindow

MOST_WINDOWS = 30  # of a page below 60 KB


class QualityView(NamedTuple):
    """How well what serves answers rows that are new to it."""

    model: str
    story: str
    line: Line | None


def quality_view(windows: Sequence[WatchedWindow]) -> QualityView | None:
    """The view of a model's windows, newest first; None without any. One metric is one line: the newest window's."""
    if not windows:
        return None
    newest = windows[0]
    known = [found for window in reversed(windows) if (found := window.of_metric(newest.metric))]
    named = [(f"{window.end[:10]} version {window.version}", window.value) for window in known]
    return QualityView(newest.model, story(windows), course(newest.label, named))
