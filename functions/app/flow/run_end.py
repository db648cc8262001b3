"""The end of a run: its status is written, and what it held is released, whatever ended it."""

from app.aws import pipelines, topics
from app.decide.messages import RunEnded
from app.decide.names.hashes import digest
from app.decide.names.statuses import RunStatus
from app.decide.notifications import end_notice
from app.decide.records import RunRecord
from app.decide.watching.notices import cause_lines
from app.flow import training, turns
from app.ledger import ledger
from app.settings import Settings


def finish(end: RunEnded, settings: Settings) -> bool:
    """Write the end, and release batch, turn, tokens and pipeline. Idempotent: False when it was written before.

    People are told before it is written: who dies in between tells them again, with the same id. An execution that
    another one overtook writes no end of the run; its own end is told all the same.
    """
    record = ledger().record(end.run)
    end = _of_waiting(end, record)
    told = end.notified or record is None or record.finished_by == end.execution
    if not told and ledger().is_open(end.execution):
        began = tuple(cause_lines(record.cause)) if record else ()
        topics.publish(settings.notification_topic_arn, end_notice(end._replace(began=end.began or began)))
    written = ledger().finish(end.run, end.execution, end.status, end.reasons)
    ledger().close_batch(end.model, end.run)
    if ledger().token(f"pipeline/{end.run}"):
        if execution := training.pipeline_execution(record):
            pipelines.stop(execution, digest("stop", end.run))
        ledger().forget_token(f"pipeline/{end.run}")
    turns.hand_over_turn(end.model, end.run, settings)
    if record and record.package_arn:
        ledger().forget_token(f"approval/{record.package_arn}")
    ledger().close_execution(end.execution)
    return written


def _of_waiting(end: RunEnded, record: RunRecord | None) -> RunEnded:
    """An execution that waited for a person as long as Step Functions permits: a year, whatever the deadline.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (maximum execution time)
    """
    if record is None or not end.timed_out or record.status is not RunStatus.AWAITING_APPROVAL:
        return end
    why = "nobody decided before the execution had lasted as long as Step Functions permits"
    return end._replace(status=RunStatus.APPROVAL_EXPIRED, reasons=(why,))
