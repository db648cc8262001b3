"""Lambda: close the batch, and freeze what the run works on."""

from typing import Any

from app.decide.messages import RunTask
from app.decide.parsing import log_keys
from app.flow import training
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "ledger_table")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Task ``Plan run`` -> ``{"usable": true, "deadline_s": int, "began"?: [str]}`` or ``{"usable": false, "due": bool,
    "reasons": [str]}``, where ``due`` is false if the model's policy lets no run begin, and ``began`` says why it did.
    Where the policy lacks but what serves is worth a plan is usable, and its pipeline does no more than measure that.
    """
    task = RunTask.parse(event)
    logger.append_keys(**log_keys(task))
    plan = training.plan(task, settings(*SETTINGS))
    logger.info("run planned", **plan)
    return plan
