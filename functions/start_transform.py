"""Lambda: start the transform job that scores a prepared file with the live version."""

from typing import Any

from app.decide.scoring_messages import ScoringTask
from app.flow import awaited_transforms, scoring
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Task ``Start transform``; the token is answered with ``{"job": str}`` when the job has completed."""
    task = ScoringTask.parse(event)
    job = scoring.start_transform(task, settings())
    outcome = awaited_transforms.resume_job_waiter(job, False, settings())
    logger.info("transform started", model=task.model, file=task.rest, job=job, outcome=outcome)
