"""Lambda: request the predictions of a champion of several containers, for which a pipeline's step waits."""

from typing import Any

from app import refused_messages
from app.decide.messages import PredictionsRequested
from app.decide.parsing import LOG_KEYS, log_keys
from app.flow import awaited_transforms, champion_answers
from app.queues import BatchResponse, Record, process_batch, receive_count
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

MAX_RECEIVES = 5  # as the queue's RedrivePolicy says
SETTINGS = ("stack", "data_bucket", "ledger_table", "encryption_key_arn")
logger = Logger()


def process(body: str, last: bool) -> None:
    """Process one message of the champion queue; ``last``: it is not received again."""
    logger.remove_keys(LOG_KEYS)  # of the message before
    request = PredictionsRequested.parse(body)
    logger.append_keys(**log_keys(request))
    job = champion_answers.request_predictions(request, settings(*SETTINGS), last)
    outcome = awaited_transforms.resume_job_waiter(job, False, settings(*SETTINGS)) if job else "answered at once"
    logger.info("predictions requested", version=request.version, job=job, outcome=outcome)


def log_failure(record: Record, error: Exception) -> None:
    """Log a message that is received again."""
    logger.error("request failed", message_id=record["messageId"], exc_info=error)
    refused_messages.count(error, settings(*SETTINGS).stack, __name__)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    last = receive_count(event) >= MAX_RECEIVES
    return process_batch(event, lambda body: process(body, last), log_failure)
