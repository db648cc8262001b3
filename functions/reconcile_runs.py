"""Lambda: on a schedule, reconcile runs that wait for an event that never came, and find uploads that had none."""

from typing import Any

from app.aws import embedded_metrics
from app.decide.messages import ReconciliationDue
from app.flow import reconciler
from app.flow.uploads import unheard
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = (
    "stack", "data_bucket", "ledger_table", "arrivals_queue_url", "scoring_machine_arn", "max_wait_s",
    "max_pipelines", "reacting_functions",
)  # fmt: skip
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The schedule's input, ``{"grace_s": int}``: runs with progress since then are left alone; with ``"rescan"``, the
    uploads of a model alone. -> ``{"unheard": [key], "at": pass}``.
    """
    due = ReconciliationDue.parse(event)
    if due.rescan is None:
        result = reconciler.reconcile(settings(*SETTINGS), due.grace_s)
        metrics = {"OpenRuns": result.open, "StuckRuns": result.stuck, "ReconciliationActions": result.actions}
        embedded_metrics.emit(settings(*SETTINGS).stack, metrics)
        logger.info("runs reconciled", **result._asdict())
    look = unheard.look(settings(*SETTINGS), due)
    embedded_metrics.emit(settings(*SETTINGS).stack, {"UnheardUploads": len(look.unheard)})
    logger.info("uploads reconciled", unheard=len(look.unheard), done=look.at.done)
    return look.answer()
