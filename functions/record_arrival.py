"""Lambda: check an upload, which joins its model's open batch or goes to quarantine."""

from typing import Any

from app.decide.messages import DatasetArrived
from app.flow import arrivals
from app.queues import BatchResponse, process_batch
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


def process(body: str) -> None:
    """Process one message of the arrivals queue."""
    arrival = DatasetArrived.parse(body)
    outcome = arrivals.record(arrival, settings())
    logger.info("arrival recorded", key=arrival.key, version=arrival.version_id, outcome=outcome)


def log_failure(message_id: str, error: Exception) -> None:
    """Log a message that is received again."""
    logger.error("arrival failed", message_id=message_id, exc_info=error)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    return process_batch(event, process, log_failure)
