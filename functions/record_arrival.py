"""Lambda: every upload is checked, and joins its model's open batch or goes to quarantine."""

from typing import Any

from app import arrivals
from app.events import DatasetArrived
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


class Arrivals(BatchProcessor):
    """A message that fails comes again by itself; the others of its batch are done."""

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Log what failed."""
        logger.error("arrival failed", message_id=record.message_id, exc_info=exception)
        return super().failure_handler(record, exception)


processor = Arrivals(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> str:
    """One message of the arrivals queue."""
    arrival = DatasetArrived.parse(record.body)
    outcome = arrivals.record(arrival, settings())
    logger.info("arrival recorded", key=arrival.key, version=arrival.version_id, outcome=outcome)
    return outcome


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """SQS event -> ``{"batchItemFailures": [{"itemIdentifier"}]}``."""
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)
