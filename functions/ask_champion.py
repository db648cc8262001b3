"""Lambda: a pipeline waits for what a champion of several containers answers to its held-out rows."""

from typing import Any

from app.decide.messages import ChampionAsked
from app.flow import champion_answers, transform_ends
from app.queues import BatchAnswer, one_by_one, received
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

MOST_RECEIVES = 5  # as the queue's RedrivePolicy says
logger = Logger()


def take(body: str, last: bool) -> None:
    """One message of the champion queue; ``last``: it does not come again."""
    asked = ChampionAsked.parse(body)
    job = champion_answers.ask(asked, settings(), last)
    found = transform_ends.settle(job, False, settings()) if job else "answered at once"
    logger.info("champion asked", model=asked.model, version=asked.version, job=job, found=found)


def failed(message_id: str, error: Exception) -> None:
    """A message that comes again."""
    logger.error("champion not asked", message_id=message_id, exc_info=error)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    last = received(event) >= MOST_RECEIVES
    return one_by_one(event, lambda body: take(body, last), failed)
