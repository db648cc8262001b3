"""Lambda: put the answers beside the file's own columns."""

from typing import Any

from app.decide.scoring_messages import ScoringTask
from app.flow import scoring
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Join scores`` -> ``{"rows": int, "key": str}``."""
    task = ScoringTask.parse(event)
    found = scoring.join(task)
    logger.info("scores joined", **found)
    return found
