"""The day that years are counted to: said by the run, or the day of the newest upload among its data.

Data decide it, not the clock: equal data give equal features, today and next week, and step caching stays right.
"""

from collections.abc import Sequence
from datetime import date

from features.derived import as_of_from, day

from data.tables import Source

NEWEST = "newest-upload"


def as_of_day(wish: str, found: Sequence[Source]) -> date | None:
    """``wish`` is a day, or ``NEWEST``; None where nobody says when the data were uploaded.

    Raises:
        Refused: when it is neither.
    """
    if wish != NEWEST:
        return as_of_from(wish)
    days = [one for source in found if (one := day(source.uploaded_at))]
    return max(days, default=None)
