"""Lambda: read evaluation's verdict, and keep what was judged. The run's turn ends here."""

from typing import Any

from app.aws import embedded_metrics
from app.decide.messages import RunTask
from app.decide.outside.mlflow_runs import MirrorDue
from app.decide.parsing import log_keys
from app.flow import training
from app.flow.outside import mirrors
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table", "max_pipelines", "mirror_function")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Read verdict`` -> ``{"measured": bool, "passed": bool, "reasons": [str], "version": int}``; version 0:
    none registered; measured: the pipeline only asked what serves, and the run is planned once more.
    """
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    verdict = training.read_verdict(task, settings(*SETTINGS))
    logger.info("verdict read", **verdict)
    if not verdict["measured"]:
        _tell(task, passed=verdict["passed"])
    return verdict


def _tell(task: RunTask, *, passed: bool) -> None:
    """Count the verdict, and have it mirrored in MLflow."""
    metric = "GatesPassed" if passed else "GatesRefused"
    embedded_metrics.emit(settings(*SETTINGS).stack, {metric: 1}, Model=task.model)
    if not mirrors.ask(MirrorDue(task.model, task.run), settings(*SETTINGS).mirror_function):
        embedded_metrics.emit(settings(*SETTINGS).stack, {"MirrorsFailed": 1}, Model=task.model)
        logger.warning("not mirrored in MLflow: the function that does that could not be invoked")
