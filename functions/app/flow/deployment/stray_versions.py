"""Stray versions: approved, and judged by no run of this stack. They are never deployed, and people are told once.

One that a run registered, whose verdict was never read, is none: its verdict is read now.
"""

from collections.abc import Mapping

from app.aws import topics
from app.decide.names.statuses import RunStatus
from app.decide.notifications import stray_notice
from app.flow.deployment import found_runs
from app.ledger import ledger
from app.settings import Settings


def tell(model: str, stray: Mapping[int, str], settings: Settings) -> None:
    """Find the run of each stray version, or tell people of it, once; not while a run works, as its own version has no
    verdict yet.
    """
    if not stray or any(_works(execution.run) for execution in ledger().open_executions()
                        if execution.task.get("model") == model):  # fmt: skip
        return
    for version, arn in stray.items():
        if found_runs.request_verdict(model, version, arn, settings):
            continue
        topics.publish(settings.notification_topic_arn, stray_notice(model, version))
        ledger().mark_stray_told(model, version)


def _works(run: str) -> bool:
    record = ledger().record(run)
    return record is not None and record.status is RunStatus.RUNNING
