"""Lambda: read evaluation's verdict. The run's turn ends here."""

from typing import Any

from app.aws import embedded_metrics
from app.decide.messages import RunTask
from app.flow import training
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Read verdict`` -> ``{"passed": bool, "reasons": [str], "version": int}``; version 0: none registered."""
    task = RunTask.parse(event)
    verdict = training.read_verdict(task)
    metric = "GatesPassed" if verdict["passed"] else "GatesRefused"
    embedded_metrics.emit(settings().stack, {metric: 1}, Model=task.model)
    logger.info("verdict read", run=task.run, **verdict)
    return verdict
