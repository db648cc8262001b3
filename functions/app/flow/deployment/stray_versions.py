"""Stray versions: approved, and judged by no run of this stack. They are never deployed, and people are told once."""

from app.aws import topics
from app.decide.names.statuses import RunStatus
from app.decide.notifications import stray_notice
from app.ledger import ledger
from app.settings import Settings


def tell(model: str, stray: tuple[int, ...], settings: Settings) -> None:
    """Tell of each stray version, once; not while a run works, as its own version has no verdict yet."""
    if not stray or any(_works(execution.run) for execution in ledger().open_executions()
                        if execution.task.get("model") == model):  # fmt: skip
        return
    for version in stray:
        topics.publish(settings.notification_topic_arn, stray_notice(model, version))
        ledger().mark_stray_told(model, version)


def _works(run: str) -> bool:
    record = ledger().record(run)
    return record is not None and record.status is RunStatus.RUNNING
