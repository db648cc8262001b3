"""Lambda: post a notice of the topic of news to a chat's webhook."""

from typing import Any

from app.aws import posts
from app.decide.outside.chat_messages import CHATS, Told
from app.decide.parsing import log_keys
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("webhook_url", "webhook_kind")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """SNS event of the topic of news. Without a chat nothing is posted: a dead letter may be the digest's."""
    notice = Told.parse(event)
    logger.append_keys(**log_keys(notice))
    if settings(*SETTINGS).webhook_url:
        posts.post(settings(*SETTINGS).webhook_url, CHATS[settings(*SETTINGS).webhook_kind](notice))
        logger.info("posted to the chat", kind=notice.kind, notice=notice.id)
