"""Lambda: join the predictions with the file's own columns."""

from typing import Any

from app.decide.parsing import log_keys
from app.decide.scoring_messages import ScoringTask
from app.flow import scoring
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("ledger_table",)
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Join scores`` -> ``{"rows": int, "key": str}``."""
    task = ScoringTask.parse(event)
    logger.append_keys(**log_keys(task))
    result = scoring.join_scores(task)
    logger.info("scores joined", **result)
    return result
