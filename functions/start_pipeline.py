"""Lambda: start the run's SageMaker pipeline."""

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
    """Task ``Start pipeline``; the token is answered with ``{"execution_arn": str}`` when the pipeline succeeded."""
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    arn = training.start_pipeline(task)
    logger.info("pipeline started" if arn else "the run is over, and its pipeline is not started", execution=arn)
