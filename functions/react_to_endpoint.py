"""Lambda: compare what serves with the desired version, and take a step: an endpoint changed or an execution ended."""

from typing import Any

from app import refused_messages
from app.decide.messages import DeploymentDue
from app.decide.parsing import log_keys
from app.flow.deployment import deployments
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = (
    "stack", "data_bucket", "ledger_table", "notification_topic_arn", "state_machine_arn", "verdict_function",
    "approval_function",
)  # fmt: skip
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Endpoint State Change`` or ``Step Functions Execution Status Change``."""
    due = DeploymentDue.parse(event)
    logger.append_keys(**log_keys(due))
    outcome = deployments.reconcile(due.model, settings(*SETTINGS), due.ended)
    logger.info("deployment reconciled", endpoint=due.endpoint, outcome=outcome)
