"""Lambda: answer who waits for a transform job, if it has ended."""

from typing import Any

from app import refused_messages
from app.decide.parsing import log_keys
from app.decide.scoring_messages import TransformChanged
from app.flow import awaited_transforms
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Transform Job State Change``."""
    changed = TransformChanged.parse(event)
    logger.append_keys(**log_keys(changed))
    outcome = awaited_transforms.resume_job_waiter(changed.job, changed.ended, settings(*SETTINGS))
    logger.info("transform checked", outcome=outcome)
