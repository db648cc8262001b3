"""Quality of the version that serves: what a run's evaluation measured of it is kept, each row once."""

from typing import Any

from app.decide.watching.measured import windows_of
from app.decide.watching.windows import WatchedWindow
from app.ledger import ledger


def keep(model: str, evaluation: dict[str, Any]) -> list[WatchedWindow]:
    """Keep the windows of an evaluation that nobody kept before; those. Idempotent: a run that is judged again, one
    whose steps came from the cache and one that the same uploads are new to measure nothing twice.

    Raises:
        Contended: another transaction writes the same window.
    """
    return [window for window in windows_of(model, evaluation) if ledger().put_window(window)]
