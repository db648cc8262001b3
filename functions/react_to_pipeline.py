"""Lambda: answer the run that waits for a pipeline execution, if it has ended."""

from typing import Any

from app.decide.messages import PipelineChanged
from app.flow import training
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Model Building Pipeline Execution Status Change``."""
    changed = PipelineChanged.parse(event)
    outcome = training.resume_if_pipeline_ended(changed.run, changed.execution_arn, changed.ended)
    logger.info("pipeline checked", run=changed.run, outcome=outcome)
