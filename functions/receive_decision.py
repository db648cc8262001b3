"""Lambda: pass a decision on the decision topic on to the model registry, whose event does the rest."""

from typing import Any

from app import refused_messages
from app.decide.approval_rules import sns_messages
from app.flow import approvals
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "ledger_table", "notification_topic_arn")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """SNS event of the decision topic."""
    for message in sns_messages(event):
        result = approvals.receive(message, settings(*SETTINGS))
        logger.info("decision received", message_id=message.id, model=result["model"], outcome=result["outcome"])
