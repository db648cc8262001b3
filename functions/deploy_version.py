"""Lambda: deploy the approved version."""

from typing import Any

from app.decide.messages import RunTask
from app.flow import deployments
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Deploy version``; the token is answered with ``{"in_service": true, "config"}`` and the ``endpoint``, or
    the ``job`` that verifies it in a batch; or with ``{"in_service": false, "reasons"}`` when another one is desired.
    """
    task = RunTask.parse(event)
    deployments.request(task, settings())
    logger.info("deployment requested", run=task.run, version=task.version)
