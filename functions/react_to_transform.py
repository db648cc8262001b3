"""Lambda: a transform job changed; who waits for it is answered."""

from typing import Any

from app.decide.scoring_messages import TransformChanged
from app.flow import transform_ends
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Transform Job State Change``."""
    changed = TransformChanged.parse(event)
    found = transform_ends.settle(changed.job, changed.ended, settings())
    logger.info("transform looked at", job=changed.job, found=found)
