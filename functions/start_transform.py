"""Lambda: start the transform job that scores a prepared file with the live version."""

from typing import Any

from app.decide.parsing import log_keys
from app.decide.scoring_messages import ScoringTask
from app.flow import awaited_transforms, scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table", "encryption_key_arn")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Start transform``; the token is answered with ``{"job": str}`` when the job has completed."""
    task = ScoringTask.parse(event)
    logger.append_keys(**log_keys(task))
    job = scoring.start_transform(task, settings(*SETTINGS))
    outcome = awaited_transforms.resume_job_waiter(job, False, settings(*SETTINGS))
    logger.info("transform started", job=job, outcome=outcome)
