"""Captured requests as they are watched: what is new since the last look, a bounded part of it each time.

SageMaker writes a file once it is full or old enough, so that one may come whose name is older than what was looked at:
an hour is looked at anew, and each file counts once. No file, and no name of one, holds up the look at others.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
from app.decide.watching.captured_lines import File, Unread, files_in, hour_of, rows_of, sampled
from app.decide.watching.scored_rows import ScoredRows
from app.errors import Gone, ObjectArchived
from app.flow.watching import drift
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

LATE = timedelta(hours=1)  # that a file may come after one with a newer name; and that a clock may be ahead of this one
# Of one look: some seconds' work. Five minutes bring 50 at most (captured_lines.PER_MINUTE), so that it catches up.
MOST_FILES = 120
MOST_BYTES = 256 * 1024**2  # of one look: half a minute's work; what is left waits for the next
MOST_FILE_BYTES = 32 * 1024**2  # of a file
MOST_ROWS = 200  # of a file that are counted: of a busy endpoint's minute they say as much as all
MOST_LATER = 1_000  # files that are dated later than now: so many are counted, and no further ones listed


class Looked(NamedTuple):
    """What one look found."""

    files: int = 0
    windows: int = 0
    unread: int = 0  # requests that are none of this model as it is published now, and files that cannot be read
    later: int = 0  # files that are dated later than now: each look finds them anew, until their time has come
    left_out: int = 0  # files of busy minutes that no look will count any more


class _Uncounted:
    """What is found on the way to the files that are counted."""

    def __init__(self) -> None:
        self.later = 0
        self.by_hour = Counter[str]()  # files of busy minutes


class _Counted(NamedTuple):
    rows: ScoredRows
    unread: int
    size: int  # characters that were read


def look(model: Model, settings: Settings) -> Looked:
    """Count what the model's endpoint captured since the last look; what an earlier version answered is let go.

    Raises:
        Contended: others looked at the same time, and were faster.
    """
    _, since = ledger().live_since(model.name) if model.deployment.get("capture") else (None, "")
    baseline = baselines.read(settings.data_bucket, model.name) if since else {}
    if not baseline.get("version"):
        return Looked()
    before, at, found, size = ledger().captured_until(model.name), now(), Looked(), 0
    until = start = before if before and before <= hour_of(at) else hour_of(from_iso(since))
    uncounted = _Uncounted()
    for file in islice(_new(model.name, settings, start, uncounted), MOST_FILES):
        counted = _counted_file(settings.data_bucket, file.key, model, baseline, from_iso(since))
        answered = iso(min(file.at, at))
        closed = drift.note_scored(model, _id(file), counted.rows, baseline, "captured", answered)
        found = Looked(found.files + 1, found.windows + closed, found.unread + counted.unread)
        until, size = max(until, hour_of(min(file.at, at) - LATE)), size + counted.size
        if size >= MOST_BYTES:
            break
    if until != before:
        ledger().note_captured_until(model.name, until)
    left_out = sum(count for hour, count in uncounted.by_hour.items() if start <= hour < until)
    return found._replace(later=uncounted.later, left_out=left_out)


def _id(file: File) -> str:
    return digest(file.key)[:32]


def _new(model: str, settings: Settings, until: str, uncounted: _Uncounted) -> Iterator[File]:
    """The files that nobody counted, oldest first; those that are not to be counted are told to ``uncounted``."""
    folder = f"{captured_prefix(model)}/{resource_name(settings.stack, model)}/{VARIANT}/"
    keys, latest = data_bucket.keys_from(settings.data_bucket, folder, f"{folder}{until}/"), now() + LATE
    for files, left_out in sampled(files_in(keys, folder)):
        if files[0].at > latest:
            uncounted.later += len(files) + left_out
            if uncounted.later >= MOST_LATER:
                return
            continue
        uncounted.by_hour[hour_of(files[0].at)] += left_out
        yield from (file for file in files if not ledger().was_added(model, _id(file), "captured"))


def _counted_file(bucket: str, key: str, model: Model, baseline: Mapping[str, Any], since: datetime) -> _Counted:
    """A file that was deleted, or lies where it cannot be read from, has one request that is not read."""
    try:
        return counted(data_bucket.lines(bucket, key), model, baseline, since)
    except (Gone, ObjectArchived):
        return counted([""], model, baseline, since)


def counted(lines: Iterable[str], model: Model, baseline: Mapping[str, Any], since: datetime) -> _Counted:
    """The rows of a file that were answered ``since`` then, as far as they are counted, and how many requests are none
    of this model.
    """
    scored, columns, unread, size = ScoredRows(model.data, baseline), feature_columns(model.data), 0, 0
    scored.header(columns)
    left = MOST_ROWS
    for line in lines:
        size += len(line)
        try:
            rows = [row for row in rows_of(line, model.data) if from_iso(row.at) >= since][:left]
            of_columns = [[row.record[place] for row in rows] for place in range(len(columns))]
            Profiler(columns, model.data.kinds, {}).add([0] * len(rows), of_columns)  # refuses what is no number
        except (Unread, NotNumber):
            unread, rows = unread + 1, []
        for row in rows:
            scored.row(row.record, row.answer)
        left -= len(rows)
        if not left or size >= MOST_FILE_BYTES:
            break
    return _Counted(scored, unread, size)
