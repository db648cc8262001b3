"""Lambda: request a person's approval of the version."""

from typing import Any

from app.decide.messages import RunTask
from app.flow import approvals
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Request approval``; the token is answered with ``{"approved": bool, "who": str, "reasons": [str]}``."""
    task = RunTask.parse(event)
    outcome = approvals.request(task, settings())
    logger.info("approval requested", run=task.run, version=task.version, outcome=outcome)
