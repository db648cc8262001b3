"""Lambda: check an upload, which joins its model's open batch or goes to quarantine."""

from typing import Any

from app.decide.messages import DatasetArrived
from app.decide.parsing import LOG_KEYS, log_keys
from app.flow.uploads import arrivals
from app.queues import BatchResponse, process_batch
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("ledger_table", "notification_topic_arn", "state_machine_arn")
logger = Logger()


def process(body: str) -> None:
    """Process one message of the arrivals queue."""
    logger.remove_keys(LOG_KEYS)  # of the message before
    arrival = DatasetArrived.parse(body)
    logger.append_keys(**log_keys(arrival))
    outcome = arrivals.record(arrival, settings(*SETTINGS))
    logger.info("arrival recorded", version=arrival.version_id, outcome=outcome)


def log_failure(message_id: str, error: Exception) -> None:
    """Log a message that is received again."""
    logger.error("arrival failed", message_id=message_id, exc_info=error)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    return process_batch(event, process, log_failure)
