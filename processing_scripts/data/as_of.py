"""The as-of day, which years are counted to: the run's parameter, or the day of the newest upload among its data.

Data decide it, not the clock: equal data give equal features, today and next week, and step caching stays right.
"""

from collections.abc import Sequence
from datetime import date

from features.derived import as_of_from, day

from data.tables import Source

NEWEST = "newest-upload"


def as_of_day(parameter: str, sources: Sequence[Source]) -> date | None:
    """Read the parameter, a day or ``NEWEST``; None where nobody says when the data were uploaded.

    Raises:
        Refused: when it is neither.
    """
    if parameter != NEWEST:
        return as_of_from(parameter)
    days = [uploaded for source in sources if (uploaded := day(source.uploaded_at))]
    return max(days, default=None)
