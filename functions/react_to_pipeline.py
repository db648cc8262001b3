"""Lambda: answer the run that waits for a pipeline execution, if it has ended."""

from typing import Any

from app import refused_messages
from app.decide.messages import PipelineChanged
from app.decide.parsing import log_keys
from app.flow import training
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Model Building Pipeline Execution Status Change``."""
    changed = PipelineChanged.parse(event)
    logger.append_keys(**log_keys(changed))
    outcome = training.resume_if_pipeline_ended(changed.run, changed.execution_arn, changed.ended)
    logger.info("pipeline checked", outcome=outcome)
