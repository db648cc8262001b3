"""Lambda: write a run's end, and release what it held."""

from typing import Any

from app import refused_messages
from app.aws import embedded_metrics
from app.decide.messages import RunEnded
from app.decide.parsing import log_keys
from app.flow import run_end
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table", "notification_topic_arn", "max_pipelines")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Task ``Finish run``, or EventBridge event ``Step Functions Execution Status Change`` ->
    ``{"status", "reason"}``.
    """
    end = RunEnded.parse(event)
    logger.append_keys(**log_keys(end))
    written = run_end.finish(end, settings(*SETTINGS))
    if written:
        embedded_metrics.emit(settings(*SETTINGS).stack, {"RunsEnded": 1}, Model=end.model, Status=str(end.status))
    logger.info("run finished", status=str(end.status), written=written)
    return {"status": str(end.status), "reason": "; ".join(end.reasons)}
