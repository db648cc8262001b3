"""Mails about refused uploads: those of one model together, one mail a minute at most, and none forgotten."""

from datetime import timedelta

from app.aws import message_queues, topics
from app.decide.messages import DatasetArrived
from app.decide.notifications import refusal_notice
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


def tell(model: str, arrival: DatasetArrived, settings: Settings) -> None:
    """Tell people of all refusals of ``model`` of which they do not know, or, a minute having not passed since the last
    mail, have the ``arrival`` received again then. Whoever dies in here is repeated, as its message is.
    """
    if not ledger().untold_refusals(model):
        return
    wait_s = ledger().claim_refusal_mail(model)
    if wait_s:
        if not ledger().is_reminded(model):
            at = now() + timedelta(seconds=wait_s)  # before: a note later than its message has that pass for another's
            message_queues.send(settings.arrivals_queue_url, arrival.as_event(), delay_s=wait_s)
            ledger().note_reminder(model, at)
        return
    untold = ledger().untold_refusals(model)  # again: others may have come in between
    if untold:
        topics.publish(settings.notification_topic_arn, refusal_notice(model, untold))
        ledger().forget_untold(model, untold)
