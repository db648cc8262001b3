"""Lambda: notify people how a run ended."""

from typing import Any

from app.aws import topics
from app.decide.messages import RunEnded
from app.decide.notifications import end_notice
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Notify``: the machine's ``state`` and its ``execution``."""
    end = RunEnded.parse(event)
    notice = end_notice(end)
    topics.publish(settings().notification_topic_arn, notice)
    logger.info("end notified", run=end.run, status=str(end.status), notice=notice.id)
