"""Lambda: check an upload, which joins its model's open batch, is counted as labels, or goes to quarantine."""

from typing import Any

from app import refused_messages
from app.aws import message_queues
from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import LABELS
from app.decide.parsing import LOG_KEYS, log_keys
from app.errors import RetrainError, TransientError
from app.flow.uploads import arrivals
from app.flow.watching import labels
from app.queues import BatchResponse, Record, lease_s, next_attempt_s, process_batch
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "ledger_table", "arrivals_queue_url", "notification_topic_arn", "state_machine_arn")
logger = Logger()


def process(body: str, standards: arrivals.Standards) -> None:
    """Process one message of the arrivals queue."""
    logger.remove_keys(LOG_KEYS)  # of the message before
    arrival = DatasetArrived.parse(body)
    logger.append_keys(**log_keys(arrival))
    if arrival.key.startswith(LABELS):
        outcome = labels.record(arrival, settings(*SETTINGS))
    else:
        outcome = arrivals.record(arrival, standards, settings(*SETTINGS))
    logger.info("arrival recorded", version=arrival.version_id, outcome=outcome)


def try_again(record: Record, error: Exception) -> None:
    """Log a message that failed, and have it received again: soon where the reason passes, else at once, so that one
    that never passes is among the dead letters before it keeps a batch open.
    """
    logger.error("arrival failed", message_id=record["messageId"], exc_info=error)
    refused_messages.count(error, settings(*SETTINGS).stack, __name__)
    delay_s = next_attempt_s(record) if isinstance(error, TransientError) else 0
    try:
        message_queues.receive_again_in(settings(*SETTINGS).arrivals_queue_url, record["receiptHandle"], delay_s)
    except RetrainError as refused:  # it comes back all the same, after the queue's visibility timeout
        logger.warning("visibility not changed", message_id=record["messageId"], exc_info=refused)


def lease(event: dict[str, Any], context: LambdaContext) -> None:
    """Have the batch received again soon if this process dies, not after the queue's half an hour."""
    seconds = lease_s(event, context.get_remaining_time_in_millis() // 1000)
    handles = [record["receiptHandle"] for record in event["Records"]]
    try:
        message_queues.lease(settings(*SETTINGS).arrivals_queue_url, handles, seconds)
    except RetrainError as refused:  # it would come back later, that is all
        logger.warning("visibility not changed", exc_info=refused)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    lease(event, context)
    standards = arrivals.Standards(settings(*SETTINGS).data_bucket)
    return process_batch(event, lambda body: process(body, standards), try_again)
