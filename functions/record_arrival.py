"""Lambda: every upload is checked, and joins its model's open batch or goes to quarantine."""

from typing import Any

from app.decide.messages import DatasetArrived
from app.flow import arrivals
from app.queues import BatchAnswer, one_by_one
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


def take(body: str) -> None:
    """One message of the arrivals queue."""
    arrival = DatasetArrived.parse(body)
    outcome = arrivals.record(arrival, settings())
    logger.info("arrival recorded", key=arrival.key, version=arrival.version_id, outcome=outcome)


def failed(message_id: str, error: Exception) -> None:
    """A message that comes again."""
    logger.error("arrival failed", message_id=message_id, exc_info=error)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    return one_by_one(event, take, failed)
