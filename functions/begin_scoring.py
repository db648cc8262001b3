"""Lambda: start the scoring of a file that has arrived."""

from typing import Any

from app import refused_messages
from app.decide.parsing import log_keys
from app.decide.scoring_messages import ScoringRequested
from app.flow import scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "state_machine_arn")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``Object Created`` of S3."""
    request = ScoringRequested.parse(event)
    logger.append_keys(**log_keys(request))
    execution = scoring.start_scoring(request.bucket, request.key, request.version_id, settings(*SETTINGS))
    logger.info("scoring started", execution=execution)
