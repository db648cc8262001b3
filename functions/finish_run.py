"""Lambda: write a run's end, and release what it held."""

from typing import Any

from app.aws import embedded_metrics
from app.decide.messages import RunEnded
from app.flow import run_end
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Task ``Finish run``, or EventBridge event ``Step Functions Execution Status Change`` ->
    ``{"status", "reason"}``.
    """
    end = RunEnded.parse(event)
    written = run_end.finish(end, settings())
    if written:
        embedded_metrics.emit(settings().stack, {"RunsEnded": 1}, Model=end.model, Status=str(end.status))
    logger.info("run finished", run=end.run, status=str(end.status), written=written)
    return {"status": str(end.status), "reason": "; ".join(end.reasons)}
