"""Lambda: verify that the deployed version predicts what evaluation stored."""

from typing import Any

from app.decide.messages import RunTask
from app.flow import verification
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Verify version`` -> ``{"records": int, "config": str}``, and ``leftover``: an endpoint that the model has
    no more need of.
    """
    task = RunTask.parse(event)
    verified = verification.verify(task, settings())
    logger.info("version verified", run=task.run, **verified)
    return verified
