"""Uploads of which no event was heard: they are found in the bucket, and told of as S3 should have."""

from datetime import timedelta
from typing import Any, NamedTuple

from app.aws import data_bucket, functions, message_queues, state_machine
from app.decide.messages import ReconciliationDue
from app.decide.names.resource_names import execution_arn
from app.decide.reconciliation import ReactingFunction
from app.decide.uploads.unheard import (
    MOST_PAGES,
    SCORING,
    Pass,
    StoredObject,
    advanced,
    arrival_event,
    is_due,
    is_recorded,
    next_pass,
    rescan,
    scoring_event,
    scoring_of,
)
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


class Look(NamedTuple):
    """What a look found, and how far the pass through the uploads is now."""

    unheard: list[str]  # keys
    at: Pass

    def answer(self) -> dict[str, Any]:
        """For who asked: what goes on with ``at`` is a rescan."""
        return {"unheard": self.unheard, "at": self.at.document(), "done": self.at.done}


def look(settings: Settings, due: ReconciliationDue) -> Look:
    """Look at some pages more of what is uploaded, from where the look before stopped; what was stored within the grace
    is left to a later pass. A rescan goes through everything of its model, however old, and is kept by who asks for it.
    """
    until = now() - timedelta(seconds=due.grace_s)
    if due.rescan is not None:
        return _take_up(settings, rescan(due.rescan, until))
    kept = ledger().listing()
    found = _take_up(settings, next_pass(kept, until))
    ledger().keep_listing(kept, found.at)
    return found


def _take_up(settings: Settings, current: Pass) -> Look:
    """Have each upload of the pass's next pages recorded, or scored, of which nothing is known. Idempotent."""
    found = []
    for _ in range(MOST_PAGES):
        if current.done:
            break
        stored, after = data_bucket.stored_objects(settings.data_bucket, current.prefix, current.after)
        for one in stored:
            if is_due(one, current) and _is_unheard(one, settings):
                _tell(one, settings)
                found.append(one.key)
        current = advanced(current, after)
    return Look(found, current)


def _is_unheard(stored: StoredObject, settings: Settings) -> bool:
    bucket = settings.data_bucket
    if not stored.key.startswith(SCORING):
        known = ledger().recorded_outcome
        return is_recorded(stored) and known(bucket, stored.key, stored.version_id) is None
    scoring = scoring_of(bucket, stored)
    if scoring is None:
        return False
    return state_machine.describe(execution_arn(settings.scoring_machine_arn, scoring.id)) is None


def _tell(stored: StoredObject, settings: Settings) -> None:
    if not stored.key.startswith(SCORING):
        message_queues.send(settings.arrivals_queue_url, arrival_event(settings.data_bucket, stored))
    else:
        function = settings.reacting_functions[ReactingFunction.SCORING]
        functions.invoke(function, scoring_event(settings.data_bucket, stored))
