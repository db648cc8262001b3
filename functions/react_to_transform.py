"""Lambda: a transform job changed; the scoring that waits is answered."""

from typing import Any

from app import scoring
from app.scoring_events import TransformChanged
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Transform Job State Change``."""
    changed = TransformChanged.parse(event)
    outcome = scoring.settle(changed.job, changed.ended)
    logger.info("transform looked at", job=changed.job, outcome=outcome)
