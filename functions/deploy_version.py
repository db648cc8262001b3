"""Lambda: deploy the approved version."""

from typing import Any

from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.flow.deployment import deployments
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = (
    "stack",
    "data_bucket",
    "ledger_table",
    "notification_topic_arn",
    "bake_s",
    "encryption_key_arn",
    "alarm_topic_arn",
    "subnet_ids",
    "security_group_ids",
    "network_isolation",
)
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Deploy version``; the token is answered with ``{"in_service": true, "config"}`` and the ``endpoint``, or
    the ``job`` that verifies it in a batch; or with ``{"in_service": false, "reasons"}`` when another one is desired.
    """
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    deployments.request(task, settings(*SETTINGS))
    logger.info("deployment requested", version=task.version)
