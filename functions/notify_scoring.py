"""Lambda: notify people how the scoring of a file ended."""

from typing import Any

from app.decide.parsing import log_keys
from app.decide.scoring_messages import ScoringTask
from app.flow import scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("notification_topic_arn",)
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Notify scoring`` -> ``{"status", "file", "rows", "reason", "key"?}``, the output of the execution."""
    task = ScoringTask.parse(event)
    logger.append_keys(**log_keys(task))
    end = scoring.notify(task, settings(*SETTINGS))
    logger.info("end notified", **end)
    return end
