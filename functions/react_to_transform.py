"""Lambda: a transform job changed; the scoring, the run that tries a version, or the pipeline that asks is answered."""

from typing import Any

from app import champion_answers, scoring, trials
from app.scoring_events import TransformChanged
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """EventBridge event ``SageMaker Transform Job State Change``."""
    changed = TransformChanged.parse(event)
    scored = scoring.settle(changed.job, changed.ended)
    tried = trials.settle(changed.job, changed.ended, settings())
    asked = champion_answers.settle(changed.job, changed.ended)
    logger.info("transform looked at", job=changed.job, scoring=scored, trial=tried, champion=asked)
