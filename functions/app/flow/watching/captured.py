"""Captured requests as they are watched: what is new since the last look, a bounded part of it each time.

SageMaker writes a file once it is full or old enough, so that one may come whose name is older than what was looked at:
an hour is looked at anew, and each file counts once.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from app.aws import baselines, data_bucket
from app.decide.deployment_plans import VARIANT
from app.decide.names.bucket_keys import captured_prefix
from app.decide.names.hashes import digest
from app.decide.names.resource_names import resource_name
from app.decide.names.times import from_iso, iso
from app.decide.uploads.profiles import NotNumber, Profiler
from app.decide.uploads.published_model import Model
from app.decide.uploads.scores import feature_columns
from app.decide.watching.captured_lines import Unread, begun_at, hour_of, rows_of
from app.decide.watching.scored_rows import ScoredRows
from app.flow.watching import drift
from app.ledger import ledger
from app.settings import Settings

LATE = timedelta(hours=1)  # that a file may come after one with a newer name
MOST_FILES = (
    60  # of one look: some 12,000 rows, some seconds' work; what is left waits for the next, five minutes later
)
MOST_ROWS = 200  # of a file that are counted: of a busy endpoint's minute they say as much as all


class Looked(NamedTuple):
    """What one look found."""

    files: int = 0
    windows: int = 0
    unread: int = 0  # requests that are none of this model as it is published now


def look(model: Model, settings: Settings) -> Looked:
    """Count what the model's endpoint captured since the last look; what an earlier version answered is let go.

    Raises:
        Contended: others looked at the same time, and were faster.
    """
    _, since = ledger().live_since(model.name) if model.deployment.get("capture") else (None, "")
    baseline = baselines.read(settings.data_bucket, model.name) if since else {}
    if not baseline.get("version"):
        return Looked()
    before, found = ledger().captured_until(model.name), Looked()
    until = before or hour_of(from_iso(since))
    for key, at in islice(_new(model.name, settings, until), MOST_FILES):
        rows, unread = _counted(settings.data_bucket, key, model, baseline, from_iso(since))
        closed = drift.note_scored(model, digest(key)[:32], rows, baseline, "captured", iso(at))
        found = Looked(found.files + 1, found.windows + closed, found.unread + unread)
        until = max(until, hour_of(at - LATE))
    if until != before:
        ledger().note_captured_until(model.name, until)
    return found


def _new(model: str, settings: Settings, until: str) -> Iterator[tuple[str, datetime]]:
    """The files that nobody counted, oldest first, each with when its first request was answered."""
    variant = f"{captured_prefix(model)}/{resource_name(settings.stack, model)}/{VARIANT}/"
    for key in data_bucket.keys_from(settings.data_bucket, variant, f"{variant}{until}/"):
        at = begun_at(key)
        if at and not ledger().was_added(model, digest(key)[:32], "captured"):
            yield key, at


def _counted(
    bucket: str, key: str, model: Model, baseline: Mapping[str, Any], since: datetime
) -> tuple[ScoredRows, int]:
    """The rows of a file that were answered ``since`` then, as far as they are counted, and how many requests are none
    of this model.
    """
    scored, columns, unread = ScoredRows(model.data, baseline), feature_columns(model.data), 0
    scored.header(columns)
    left = MOST_ROWS
    for line in data_bucket.lines(bucket, key):
        try:
            rows = [row for row in rows_of(line, model.data) if from_iso(row.at) >= since][:left]
            of_columns = [[row.record[place] for row in rows] for place in range(len(columns))]
            Profiler(columns, model.data.kinds, {}).add([0] * len(rows), of_columns)  # refuses what is no number
        except (Unread, NotNumber):
            unread += 1
            continue
        for row in rows:
            scored.row(row.record, row.answer)
        left -= len(rows)
        if not left:
            break
    return scored, unread
