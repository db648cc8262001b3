"""Lambda: check whether the run's batch may close."""

from typing import Any

from app.aws import message_queues
from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.ledger import ledger
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("ledger_table", "arrivals_queue_url", "quiet_s", "max_wait_s")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Check quiet`` -> ``{"quiet": bool, "wait_s": int}``."""
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    waiting = message_queues.waiting(settings(*SETTINGS).arrivals_queue_url)
    quiet_s, max_wait_s = settings(*SETTINGS).quiet_s, settings(*SETTINGS).max_wait_s
    wait_s = ledger().quiet_in_s(task.model, task.run, quiet_s, max_wait_s, waiting)
    logger.info("batch checked", wait_s=wait_s, waiting=waiting)
    return {"quiet": wait_s == 0, "wait_s": wait_s}
