"""Lambda: check whether the run's batch may close."""

from typing import Any

from app.decide.messages import RunTask
from app.ledger import ledger
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Check quiet`` -> ``{"quiet": bool, "wait_s": int}``."""
    task = RunTask.parse(event)
    wait_s = ledger().quiet_in_s(task.model, task.run, settings().quiet_s, settings().max_wait_s)
    logger.info("batch checked", run=task.run, wait_s=wait_s)
    return {"quiet": wait_s == 0, "wait_s": wait_s}
