"""Lambda: on a schedule, look for runs that wait for an event that never came."""

from typing import Any

from app.decide import embedded_metrics
from app.decide.messages import LookDue
from app.flow import reconciler
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """The schedule's input, ``{"grace_s": int}``: runs of which something was heard since are left alone."""
    due = LookDue.parse(event)
    found = reconciler.reconcile(settings(), due.grace_s)
    embedded_metrics.emit(settings().stack, {"OpenRuns": found.open, "StuckRuns": found.stuck, "Nudges": found.nudged})
    logger.info("runs reconciled", **found._asdict())
