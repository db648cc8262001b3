"""The end of a run: its status is written, and what it held is released, whatever ended it."""

from app.aws import pipelines, topics
from app.decide.messages import RunEnded
from app.decide.names.hashes import digest
from app.decide.notifications import end_notice
from app.flow.training import hand_over_turn
from app.ledger import ledger
from app.settings import Settings


def finish(end: RunEnded, settings: Settings) -> bool:
    """Write the end, and release batch, turn, tokens and pipeline. Idempotent: False when it was written before."""
    record = ledger().record(end.run)
    written = ledger().finish(end.run, end.execution, end.status, end.reasons)
    if written and not end.notified:
        topics.publish(settings.notification_topic_arn, end_notice(end))
    ledger().close_batch(end.model, end.run)
    if ledger().token(f"pipeline/{end.run}"):
        if record and record.pipeline_execution_arn:
            pipelines.stop(record.pipeline_execution_arn, digest("stop", end.run))
        ledger().forget_token(f"pipeline/{end.run}")
    hand_over_turn(end.model, end.run)
    if record and record.package_arn:
        ledger().forget_token(f"approval/{record.package_arn}")
    ledger().close_execution(end.execution)
    return written
