"""Lambda: post news that asks nothing to the digest, one mail that is sent when it is due."""

from typing import Any

from app.decide.operating.digests import NewsHeard
from app.decide.parsing import log_keys
from app.flow.outside import digests
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("ledger_table", "notification_topic_arn", "digest_hours")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """SNS event of the topic of news; or ``{"digest": "due"}``, by the reconciler."""
    heard = NewsHeard.parse(event)
    logger.append_keys(**log_keys(heard))
    sent = digests.hear(heard, settings(*SETTINGS))
    logger.info("news heard", kept=heard.told is not None, sent=sent)
