"""Lambda: apply a model package's approval status: a decision answers the run that waits, or deploys late."""

from typing import Any

from app.aws import model_registry
from app.decide.messages import PackageChanged
from app.decide.names.resource_names import model_of_resource
from app.flow import approvals
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Model Package State Change``."""
    changed = PackageChanged.parse(event)
    model = model_of_resource(settings().stack, changed.group)
    outcome = "ignored"
    if model and changed.decision:
        outcome = approvals.apply_approval_status(model, model_registry.package(changed.arn), settings())
    logger.info("package checked", package=changed.arn, outcome=outcome)
