"""Uploads of which no event was heard: which stored objects are looked up, and how the bucket is listed. Pure.

S3 tells of an object at least once, but of none while its notifications are being switched on, and a rule may have been
off. So the bucket is listed, in passes: one goes through all that is uploaded, a few pages a look, and goes on where
the look before stopped. A pass looks up what was stored since the pass before; an object's time is that at which its
upload began, so that it reaches back as long as an upload may take.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import INCOMING, LABELS, parse_labels_key, parse_upload_key
from app.decide.names.times import from_iso, iso
from app.decide.parsing import event_of, strict
from app.decide.scoring_messages import ScoringRequested
from app.decide.uploads.scores import Scoring, parse_scoring_key

SCORING = "scoring/"
MOST_PAGES = 3  # of 1,000 versions, a look: 3,000 versions every five minutes
# What a bucket's lifecycle leaves an upload in parts, and the day that S3 may take to look. The time of an object that
# was uploaded in parts is that of its beginning; of one in a single request, which S3 ends when a connection breaks,
# it is not documented. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html (Last-Modified)
IN_PARTS, IN_ONE = timedelta(days=9), timedelta(hours=6)
# A name is taken for 90 days after its execution ended; whoever is older may have been scored, and nobody knows.
# Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
NAMES_KNOWN = timedelta(days=89)
# "It usually takes about five minutes for the changes to take effect."
# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
SWITCHED_ON = timedelta(minutes=10)


class StoredObject(NamedTuple):
    """The newest version of an object, as S3 lists it."""

    key: str
    version_id: str
    etag: str
    size_bytes: int
    modified_at: datetime

    @property
    def in_parts(self) -> bool:
        """Whether it was uploaded in parts, as the form of its tag says.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag)
        """
        return "-" in self.etag


class Marker(NamedTuple):
    """Where a listing of versions goes on: after this one. Both are empty at the beginning."""

    key: str = ""
    version_id: str = ""


class Pass(NamedTuple):
    """One pass through all that is uploaded, as far as it got."""

    since: datetime | None  # what was stored before that, an earlier pass looked at; None: nothing was
    until: datetime  # what was stored after that is left to the next pass: its event may be on its way
    prefix: str  # that is listed now; "" where the pass is done
    after: Marker = Marker()
    model: str = ""  # only this model's uploads

    @property
    def done(self) -> bool:
        """Whether all was listed."""
        return not self.prefix

    def document(self) -> dict[str, Any]:
        """As the ledger, and a command that goes on, keep it."""
        since = iso(self.since) if self.since else ""
        return {"since": since, "until": iso(self.until), "prefix": self.prefix, "model": self.model} | {
            "after": list(self.after)
        }

    @staticmethod
    @strict
    def parse(document: dict[str, Any]) -> "Pass":
        """From ``document``."""
        since, until = document.get("since"), from_iso(document["until"])
        after, model = Marker(*map(str, document["after"])), str(document.get("model", ""))
        return Pass(from_iso(since) if since else None, until, str(document["prefix"]), after, model)


def first_pass(until: datetime, model: str = "", since: datetime | None = None) -> Pass:
    """A pass through everything that was stored until then, of one model where it is named."""
    return Pass(since, until.replace(microsecond=0), _prefixes(model)[0], model=model)


def next_pass(kept: Pass | None, until: datetime) -> Pass:
    """The pass that a look works on: the one that is not done, or another that begins where that ended."""
    if kept is None:
        return first_pass(until)
    return first_pass(until, since=kept.until) if kept.done else kept


def rescan(asked: dict[str, Any], until: datetime) -> Pass:
    """The pass that a person asks for: of a ``model``, however old its uploads, or one that goes on."""
    return Pass.parse(asked) if "until" in asked else first_pass(until, str(asked.get("model", "")))


def advanced(current: Pass, after: Marker | None) -> Pass:
    """The pass after a page: it goes on ``after`` a version, or, without one, with the next prefix, or is done."""
    if after is not None:
        return current._replace(after=after)
    rest = _prefixes(current.model)
    following = rest[rest.index(current.prefix) + 1 :]
    return current._replace(prefix=following[0] if following else "", after=Marker())


def _prefixes(model: str) -> tuple[str, ...]:
    below = f"{model}/" if model else ""
    return (INCOMING + below, SCORING + below, LABELS + below)


def is_due(stored: StoredObject, current: Pass) -> bool:
    """Whether this pass has to know what became of an object."""
    if stored.modified_at > current.until:
        return False
    if stored.key.startswith(SCORING) and stored.modified_at < current.until - NAMES_KNOWN:
        return False
    earlier = current.since - (IN_PARTS if stored.in_parts else IN_ONE) if current.since else None
    return earlier is None or stored.modified_at >= earlier


def is_recorded(stored: StoredObject) -> bool:
    """Whether an object is an upload to learn from, or labels: not one that is ignored by its name, and not empty."""
    found = parse_upload_key(stored.key) or parse_labels_key(stored.key)
    return found is not None and stored.size_bytes > 0


def scoring_of(bucket: str, stored: StoredObject) -> Scoring | None:
    """The scoring that an object asks for; None for none."""
    return parse_scoring_key(bucket, stored.key, stored.version_id)


def arrival_event(bucket: str, stored: StoredObject) -> dict[str, Any]:
    """The event that S3 should have sent of an upload to learn from, or of labels."""
    return DatasetArrived(bucket, *stored).as_event()


def scoring_event(bucket: str, stored: StoredObject) -> dict[str, Any]:
    """The event that S3 should have sent of a file to score."""
    found = {"key": stored.key, "version-id": stored.version_id, "etag": stored.etag, "size": stored.size_bytes}
    return event_of(ScoringRequested.__name__, {"bucket": {"name": bucket}, "object": found})


def listed(page: dict[str, Any]) -> Iterator[StoredObject]:
    """The newest versions on a page of ListObjectVersions, which has older ones and delete markers too.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    for one in page.get("Versions", []):
        if one["IsLatest"]:
            etag = str(one["ETag"]).strip('"')
            yield StoredObject(one["Key"], one["VersionId"], etag, int(one["Size"]), one["LastModified"])
