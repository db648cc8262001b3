"""Watched windows of each model: what was measured of the version that serves.

``MODEL#<model>/WATCH#<kind>#<end>#<id>``, newest last, and ``WATCHED#<model>/<kind>#<id>``, which has each id count
once. Both expire.
"""

from datetime import timedelta
from itertools import islice

from app.decide.names.times import from_iso, iso
from app.decide.watching.windows import WatchedWindow
from app.ledger.batches import now
from app.ledger.table import Table, Write

WINDOWS_KEPT = timedelta(days=800)  # two years, and the same season of the year before last


class WatchedWindows(Table):
    """The windows of all models."""

    def put_window(self, window: WatchedWindow) -> bool:
        """Keep a window; False where one with its id was kept before, which then stands.

        Raises:
            Contended: another transaction writes the same window.
        """
        return self.transact(self.writes(window)) is None

    def writes(self, window: WatchedWindow) -> list[Write]:
        """What keeps a window, where none of its id was kept."""
        expires = {"expires_at": int((now() + WINDOWS_KEPT).timestamp())}
        sort_key = f"WATCH#{window.kind}#{iso(from_iso(window.end))}#{window.id}"
        mark = Write(
            f"WATCHED#{window.model}", f"{window.kind}#{window.id}", set=expires, condition="attribute_not_exists(pk)"
        )
        return [mark, Write(f"MODEL#{window.model}", sort_key, set=window.document() | expires)]

    def has_windows(self, model: str) -> bool:
        """Whether anything was measured of a model so far."""
        return self.has(f"MODEL#{model}", "WATCH#", "WATCH#~")

    def newest_windows(self, model: str, kind: str, limit: int) -> list[WatchedWindow]:
        """The ``limit`` windows of one kind that end last, newest first."""
        first = f"WATCH#{kind}#"
        items = self.query(f"MODEL#{model}", first, f"{first}~", newest_first=True, page=limit)
        return [WatchedWindow.parse(item) for item in islice(items, limit)]
