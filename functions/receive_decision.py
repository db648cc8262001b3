"""Lambda: pass a decision on the decision topic on to the model registry, whose event does the rest."""

from typing import Any

from app.decide.messages import sns_messages
from app.flow import approvals
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """SNS event of the decision topic."""
    for text in sns_messages(event):
        outcome = approvals.receive(text, settings())
        logger.info("decision received", outcome=outcome)
