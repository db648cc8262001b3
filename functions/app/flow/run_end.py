"""The end of a run: its status is written, and what it held is released, whatever ended it."""

from app.aws import model_registry, pipelines, topics
from app.decide.messages import RunEnded
from app.decide.names.hashes import digest
from app.decide.names.resource_names import machine_arn
from app.decide.names.statuses import Approval, RunStatus
from app.decide.notifications import end_notice
from app.flow.approvals import deploy
from app.flow.training import hand_over_turn
from app.ledger import ledger
from app.settings import Settings


def finish(end: RunEnded, settings: Settings) -> bool:
    """Write the end, and release batch, turn, tokens and pipeline. Idempotent: False when it was written before."""
    written = ledger().finish(end.run, end.execution, end.status, end.reasons)
    if written and not end.notified:
        topics.publish(settings.notification_topic_arn, end_notice(end))
    record = ledger().record(end.run)
    ledger().close_batch(end.model, end.run)
    if ledger().token(f"pipeline/{end.run}"):
        if record and record.pipeline_execution_arn:
            pipelines.stop(record.pipeline_execution_arn, digest("stop", end.run))
        ledger().forget_token(f"pipeline/{end.run}")
    hand_over_turn(end.model, end.run)
    if record and record.package_arn:
        decided = ledger().forget_token(f"approval/{record.package_arn}")
        if decided and end.status is RunStatus.APPROVAL_EXPIRED:
            _apply_late_approval(end, record.package_arn)
    ledger().close_execution(end.execution)
    return written


def _apply_late_approval(end: RunEnded, package_arn: str) -> None:
    """Deploy a version whose approval claimed the token while the deadline passed: the decision is not lost."""
    package = model_registry.package(package_arn)
    if package.status is Approval.APPROVED:
        machine = machine_arn(end.execution)
        deploy(end.model, end.run, package.version, 0, machine, "approved as the deadline passed")
