"""Lambda: start the scoring of a file that has arrived."""

from typing import Any

from app.decide.scoring_messages import ScoringRequested
from app.flow import scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``Object Created`` of S3."""
    request = ScoringRequested.parse(event)
    execution = scoring.start_scoring(request.bucket, request.key, request.version_id, settings())
    logger.info("scoring started", key=request.key, execution=execution)
