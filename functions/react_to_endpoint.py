"""Lambda: compare what serves with the desired version, and take a step: an endpoint changed or an execution ended."""

from typing import Any

from app.decide.messages import DeploymentDue
from app.decide.names.resource_names import model_of_resource
from app.flow import deployments
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Endpoint State Change`` or ``Step Functions Execution Status Change``."""
    due = DeploymentDue.parse(event)
    model = due.model or model_of_resource(settings().stack, due.resource)
    outcome = deployments.reconcile(model, settings(), due.ended) if model else "ignored"
    logger.info("deployment reconciled", model=model, outcome=outcome)
