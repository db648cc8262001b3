"""What an endpoint answered, held against late labels: by the row's own id, or by the InferenceId of its request.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html (InferenceId)
"""

from collections import deque
from datetime import timedelta
from typing import NamedTuple

from app.aws import data_bucket
from app.decide.deployment.serving_spans import Span, serving_spans, version_at
from app.decide.deployment_plans import VARIANT
from app.decide.names.bucket_keys import captured_prefix
from app.decide.names.resource_names import resource_name
from app.decide.names.times import from_iso, iso
from app.decide.uploads.published_model import Model
from app.decide.watching.captured_lines import Unread, files_in, rows_of
from app.decide.watching.label_join import LabelJoin
from app.errors import Gone, ObjectArchived
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

MOST_FILES = 1_000  # of captured requests that labels are joined to, the newest: half a minute's work

AHEAD = timedelta(hours=1)  # that the clock of whoever answered may be ahead of this one


class Joined(NamedTuple):
    """What was not joined."""

    files: int = 0  # that were not read
    of_nobody: int = 0  # rows of labels of which nobody knows which version answered them


def add(join: LabelJoin, model: Model, settings: Settings) -> Joined:
    """Hold what the model's endpoint captured against the labels, newest first."""
    variant = f"{captured_prefix(model.name)}/{resource_name(settings.stack, model.name)}/{VARIANT}/"
    listed = files_in(data_bucket.keys_from(settings.data_bucket, variant, ""), variant)
    latest = now() + AHEAD
    keys = deque((file.key for file in listed if file.at <= latest), MOST_FILES)
    if not keys:
        return Joined()
    spans, found = serving_spans(ledger().runs(model.name)), Joined()
    for key in reversed(keys):
        if join.full:
            found = found._replace(files=found.files + 1)
            continue
        try:
            of_nobody = _add(join, model, settings.data_bucket, key, spans)
        except (Gone, ObjectArchived):
            found = found._replace(files=found.files + 1)
            continue
        found = found._replace(of_nobody=found.of_nobody + of_nobody)
    return found


def _add(join: LabelJoin, model: Model, bucket: str, key: str, spans: list[Span]) -> int:
    of_nobody, latest = 0, now()
    for line in data_bucket.lines(bucket, key):
        join.spend(len(line))
        if join.full:
            break
        try:
            rows = [row for row in rows_of(line, model.data) if join.asks(row.id)]
        except Unread:
            continue
        for row in rows:
            at = from_iso(row.at)
            version = version_at(spans, at) if at <= latest + AHEAD else None
            if version is None:
                of_nobody += 1
            else:
                join.answered(version, row.id, row.answer, iso(min(at, latest)))
    return of_nobody
