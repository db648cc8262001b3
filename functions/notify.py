"""Lambda: notify people how a run ended."""

from typing import Any

from app.aws import topics
from app.decide.messages import RunEnded
from app.decide.notifications import end_notice
from app.decide.parsing import log_keys
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("notification_topic_arn",)
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Notify``: the machine's ``state`` and its ``execution``."""
    end = RunEnded.parse(event)
    logger.append_keys(**log_keys(end))
    notice = end_notice(end)
    topics.publish(settings(*SETTINGS).notification_topic_arn, notice)
    logger.info("end notified", status=str(end.status), notice=notice.id)
