"""Lambda: queue up for the model's turn: one run per model at a time."""

from typing import Any

from app.decide.messages import RunTask
from app.flow import training
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Wait for turn``; the token is answered when the run has the turn."""
    task = RunTask.parse(event)
    has_turn = training.wait_for_turn(task)
    logger.info("turn requested", run=task.run, has_turn=has_turn)
