"""Lambda: a file that is to be scored has arrived."""

from typing import Any

from app.decide.scoring_messages import ScoringAsked
from app.flow import scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``Object Created`` of S3."""
    asked = ScoringAsked.parse(event)
    begun = scoring.begin(asked.bucket, asked.key, asked.version_id, settings())
    logger.info("scoring begun", key=asked.key, execution=begun)
