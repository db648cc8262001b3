"""Lambda: check a file, and write its records for the model's container."""

from typing import Any

from app.decide.parsing import log_keys
from app.decide.scoring_messages import ScoringTask
from app.flow import scoring
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Prepare scoring`` -> ``{"usable": true, "rows": int}`` or ``{"usable": false, "reasons": [str]}``."""
    task = ScoringTask.parse(event)
    logger.append_keys(**log_keys(task))
    result = scoring.prepare_records(task)
    logger.info("file prepared", **result)
    return result
