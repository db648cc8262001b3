"""Lambda: close the batch, and freeze what the run works on."""

from typing import Any

from app.decide.messages import RunTask
from app.flow import training
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Plan run`` -> ``{"usable": true, "deadline_s": int}`` or ``{"usable": false, "reasons": [str]}``."""
    task = RunTask.parse(event)
    plan = training.plan(task, settings())
    logger.info("run planned", run=task.run, **plan)
    return plan
