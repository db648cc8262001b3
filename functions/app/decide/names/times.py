"""Times: as text, and the quiet time of a batch. Pure: no clock."""

from datetime import UTC, datetime
from math import ceil


def iso(at: datetime) -> str:
    """Format ``at`` in UTC to the millisecond, as all timelines show it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Parse an ISO time; without a zone it is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


MOST_CHECKS = 1_000  # of one batch: each takes nine events of an execution's history, which may have 25,000


def quiet_remaining_s(
    opened_at: datetime, last_at: datetime, now: datetime, quiet_s: int, max_wait_s: int, waiting: int = 0
) -> int:
    """Whole seconds until a batch may close, or is to be looked at again: ``quiet_s`` after its last object, which is
    now while uploads are ``waiting`` to be recorded; at the latest ``max_wait_s`` after its first. 0 means now.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
    """
    quiet = quiet_s - (0.0 if waiting else (now - last_at).total_seconds())
    limit = max_wait_s - (now - opened_at).total_seconds()
    if quiet <= 0 or limit <= 0:
        return 0
    return ceil(min(max(quiet, max_wait_s / MOST_CHECKS), limit))


def duration_text(seconds: int) -> str:
    """A duration in the largest unit that it has one of: ``7 days``, ``90 minutes``."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
