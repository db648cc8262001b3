"""Lambda: request a person's approval of the version."""

from typing import Any

from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.flow import approvals
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("data_bucket", "ledger_table", "notification_topic_arn", "reviewers_topic_arn", "page_url")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Request approval``; the token is answered with ``{"approved": bool, "who": str, "reasons": [str]}``."""
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    outcome = approvals.request(task, settings(*SETTINGS))
    logger.info("approval requested", version=task.version, outcome=outcome)
