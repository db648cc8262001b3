"""Lambda: on a schedule, reconcile runs that wait for an event that never came."""

from typing import Any

from app.aws import embedded_metrics
from app.decide.messages import ReconciliationDue
from app.flow import reconciler
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table", "max_wait_s", "reacting_functions")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """The schedule's input, ``{"grace_s": int}``: runs with progress since then are left alone."""
    due = ReconciliationDue.parse(event)
    result = reconciler.reconcile(settings(*SETTINGS), due.grace_s)
    metrics = {"OpenRuns": result.open, "StuckRuns": result.stuck, "ReconciliationActions": result.actions}
    embedded_metrics.emit(settings(*SETTINGS).stack, metrics)
    logger.info("runs reconciled", **result._asdict())
