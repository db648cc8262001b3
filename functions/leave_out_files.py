"""Lambda: take the files that the run's own job refuses out of it, and out of all later runs."""

from typing import Any

from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.flow.uploads import refused_files
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("data_bucket", "ledger_table", "notification_topic_arn")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Leave out files`` -> ``{"any_left": bool, "left_out": [key]}``."""
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    result = refused_files.leave_out(task, settings(*SETTINGS))
    logger.info("files left out", **result)
    return result
