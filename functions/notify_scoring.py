"""Lambda: notify people how the scoring of a file ended."""

from typing import Any

from app.decide.scoring_messages import ScoringTask
from app.flow import scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Notify scoring`` -> ``{"status", "file", "rows", "reason", "key"?}``, the output of the execution."""
    task = ScoringTask.parse(event)
    end = scoring.notify(task, settings())
    logger.info("end notified", **end)
    return end
