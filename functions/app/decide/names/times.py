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


def whole_seconds_until(at: datetime, now: datetime) -> int:
    """Whole seconds until ``at``, rounded up; 0 where that is past."""
    return max(0, ceil((at - now).total_seconds()))


def quiet_remaining_s(
    opened_at: datetime, last_at: datetime, now: datetime, quiet_s: int, max_wait_s: int, waiting: int = 0
) -> int:
    """Whole seconds until a batch may close: ``quiet_s`` after its last object, which is now while uploads are
    ``waiting`` to be recorded; at the latest ``max_wait_s`` after its first. 0 means now.

    Who waits looks again after a hundredth of the batch's age at the earliest: a second's quiet in a week of uploads
    would be 600,000 looks, and an execution of the machine has room for 25,000 events.
    Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (event history)
    """
    age = (now - opened_at).total_seconds()
    quiet = quiet_s - (0.0 if waiting else (now - last_at).total_seconds())
    return max(0, ceil(min(max(quiet, age / 100) if quiet > 0 else 0, max_wait_s - age)))


def duration_text(seconds: int) -> str:
    """A duration in the largest unit that it has one of: ``7 days``, ``90 minutes``."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
