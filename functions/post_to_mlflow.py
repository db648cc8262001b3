"""Lambda: show a run that has its verdict in MLflow."""

from typing import Any

from app.decide.outside.mlflow_runs import MirrorDue
from app.decide.parsing import log_keys
from app.flow.outside import mirrors
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "ledger_table", "mlflow")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Payload of ``read_verdict``: ``{"mirror": {"model", "run"}}``."""
    due = MirrorDue.parse(event)
    logger.append_keys(**log_keys(due))
    run_id = mirrors.show(due, settings(*SETTINGS))
    logger.info("mirrored in MLflow", mlflow_run=run_id)
