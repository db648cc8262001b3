"""Lambda: reconcile an endpoint that changed: waiters are answered, or the next update begins."""

from typing import Any

from app.decide.messages import EndpointChanged
from app.decide.parsing import log_keys
from app.flow import deployments
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Endpoint State Change``."""
    changed = EndpointChanged.parse(event)
    logger.append_keys(**log_keys(changed))
    outcome = deployments.reconcile_endpoint(changed.name, settings(*SETTINGS))
    logger.info("endpoint reconciled", endpoint=changed.name, outcome=outcome)
