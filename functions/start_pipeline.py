"""Lambda: start the run's SageMaker pipeline."""

from typing import Any

from app.decide.messages import RunTask
from app.flow import training
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Start pipeline``; the token is answered with ``{"execution_arn": str}`` when the pipeline succeeded."""
    task = RunTask.parse(event)
    arn = training.start_pipeline(task)
    logger.info("pipeline started", run=task.run, execution=arn)
