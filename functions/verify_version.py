"""Lambda: verify that the deployed version predicts what evaluation stored."""

from typing import Any

from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.flow.deployment import verification
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "ledger_table")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Verify version`` -> ``{"records": int, "config": str}``, and ``leftover``: an endpoint that the model has
    no more need of.
    """
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    verified = verification.verify(task, settings(*SETTINGS))
    logger.info("version verified", **verified)
    return verified
