"""Lambda: begin a run that is requested without an upload."""

from typing import Any

from app import refused_messages
from app.decide.messages import RunRequested
from app.decide.parsing import log_keys
from app.flow import requested_runs
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "ledger_table", "state_machine_arn")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{"model", "request"?, "parameters"?, "version"?, "no_cache"?}`` -> ``{"run": str, "joined": bool}``.

    Without ``request`` each invocation is one: Lambda's own repetitions of it have its id.
    """
    request = RunRequested.parse(event)
    logger.append_keys(**log_keys(request))
    request = request._replace(id=request.id or context.aws_request_id)
    membership = requested_runs.request_run(request, settings(*SETTINGS))
    logger.info("run requested", run=membership.run, joined=not membership.started_batch, **request.overrides)
    return {"run": membership.run, "joined": not membership.started_batch}
