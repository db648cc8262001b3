"""Lambda: apply a model package's approval status: a decision answers the run that waits, or deploys late."""

from typing import Any

from app import refused_messages
from app.decide.messages import PackageChanged
from app.decide.names.resource_names import model_of_resource
from app.decide.parsing import log_keys
from app.flow import approvals
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = (
    "stack", "data_bucket", "ledger_table", "notification_topic_arn", "reviewers_topic_arn", "state_machine_arn",
    "page_url",
)  # fmt: skip
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Model Package State Change``."""
    changed = PackageChanged.parse(event)
    logger.append_keys(**log_keys(changed))
    model = model_of_resource(settings(*SETTINGS).stack, changed.group)
    outcome = "ignored"
    if model and changed.decision:
        outcome = approvals.look_at(changed, model, settings(*SETTINGS))
    logger.info("package checked", package=changed.arn, outcome=outcome)
