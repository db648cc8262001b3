"""Lambda: write a run's end and release what it held."""

from typing import Any

from app import endings, measures
from app.events import RunEnded
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Task ``Finish``, or EventBridge event ``Step Functions Execution Status Change`` -> ``{"status", "reason"}``."""
    end = RunEnded.parse(event)
    written = endings.finish(end, settings())
    if written:
        measures.emit(settings().stack, {"RunsEnded": 1}, Model=end.model, Status=str(end.status))
    logger.info("run finished", run=end.run, status=str(end.status), written=written)
    return {"status": str(end.status), "reason": "; ".join(end.reasons)}
