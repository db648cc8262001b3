"""Lambda: queue up for the model's turn: one run per model at a time."""

from typing import Any

from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.flow import training
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("ledger_table",)
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Wait for turn``; the token is answered when the run has the turn."""
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    has_turn = training.wait_for_turn(task)
    logger.info("turn requested", has_turn=has_turn)
