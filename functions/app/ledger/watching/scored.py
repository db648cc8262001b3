"""Scored and captured files that are not many rows by themselves add up to windows: ``MODEL#<model>/SCORED`` and
``CAPTURED``, changed only as they were read. Each file counts once, in one window: what closes a window also writes it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.decide.names.hashes import digest
from app.decide.watching.drift import Rows
from app.decide.watching.windows import Source, WatchedWindow
from app.ledger.batches import now, retry_on_contention
from app.ledger.table import Item, Write
from app.ledger.watching.windows import WINDOWS_KEPT, WatchedWindows


class ScoredFiles(WatchedWindows):
    """The scored and captured files of all models."""

    def add_scored(
        self,
        model: str,
        version: int,
        file: str,
        rows: Rows,
        least: int,
        window_of: Callable[..., WatchedWindow | None],
        source: Source = "scored",
    ) -> bool:
        """Count a file (its id) of one ``source``; whether that closed a window, which ``window_of`` makes of its name
        and rows.

        Raises:
            Contended: other files were faster all the time.
        """

        def attempt() -> bool | None:
            if self.was_added(model, file, source):
                return False
            item = self.get(f"MODEL#{model}", source.upper()) or {}
            files, whole = _added(item, version, file, rows)
            window = window_of(digest(*files)[:32], whole) if whole.rows >= least else None
            kept = {"files": files, "counts": json.dumps(whole.counts), "start": whole.start, "end": whole.end}
            kept = {"files": [], "counts": "{}"} if whole.rows >= least else kept
            changes = [_pending(model, source, item, kept | {"version": version}), _mark(model, source, file)]
            done = self.transact([*changes, *(self.writes(window) if window else ())])
            return window is not None if done is None else None

        return bool(retry_on_contention(attempt))

    def was_added(self, model: str, file: str, source: Source) -> bool:
        """Whether a file was counted."""
        return self.get(f"WATCHED#{model}", f"{source}#{file}") is not None

    def captured_until(self, model: str) -> str:
        """The hour (as folders) up to which the model's captured files were looked at; "" before the first look."""
        return str((self.get(f"MODEL#{model}", "CAPTURED") or {}).get("until", ""))

    def note_captured_until(self, model: str, hour: str) -> None:
        """Record how far the model's captured files were looked at."""
        self.write(Write(f"MODEL#{model}", "CAPTURED", set={"until": hour}))

    def first_answers(self, model: str, version: int, counts: list[int]) -> list[int]:
        """What a version answered in its first window; ``counts`` where this is it."""
        key, first = (f"MODEL#{model}", f"ANSWERED#{version:08d}"), {"counts": counts}
        self.write(Write(*key, set=first, condition="attribute_not_exists(pk)"))
        return list((self.get(*key) or first)["counts"])


def _added(item: Item, version: int, file: str, rows: Rows) -> tuple[list[str], Rows]:
    """The files of the window that is not closed yet, with this one, and their rows; another version's are let go."""
    if item.get("version") != version or not item.get("files"):
        return [file], rows
    before: Mapping[str, list[int]] = json.loads(item["counts"])
    counts = {
        name: [a + b for a, b in zip(before.get(name, [0] * len(own)), own, strict=False)]
        for name, own in rows.counts.items()
    }
    return [*item["files"], file], Rows(min(item["start"], rows.start), max(item["end"], rows.end), counts)


def _pending(model: str, source: Source, before: Item, facts: dict[str, Any]) -> Write:
    was = int(before.get("revision", 0))
    condition = "#revision = :was" if was else "attribute_not_exists(#revision)"
    given = {"was": was} if was else {}
    return Write(f"MODEL#{model}", source.upper(), set=facts | {"revision": was + 1}, condition=condition, given=given)


def _mark(model: str, source: Source, file: str) -> Write:
    expires = {"expires_at": int((now() + WINDOWS_KEPT).timestamp())}
    return Write(f"WATCHED#{model}", f"{source}#{file}", set=expires, condition="attribute_not_exists(pk)")
