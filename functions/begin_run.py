"""Lambda: begin a run that is requested without an upload."""

from typing import Any

from app import refused_messages
from app.aws import embedded_metrics
from app.decide.messages import RunRequested
from app.decide.parsing import log_keys
from app.decide.watching.policy import Hold
from app.flow import requested_runs
from app.flow.watching import policies
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = ("stack", "data_bucket", "ledger_table", "state_machine_arn", "notification_topic_arn")
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@refused_messages.counted(*SETTINGS)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{"model", "request"?, "parameters"?, "version"?, "no_cache"?}`` -> ``{"run": str, "joined": bool}``; with a
    ``trigger`` the model's policy decides, and ``run`` is "" where it says no.

    Without ``request`` each invocation is one: Lambda's own repetitions of it have its id.
    """
    request = RunRequested.parse(event)
    logger.append_keys(**log_keys(request))
    request = request._replace(id=request.id or context.aws_request_id)
    if request.trigger:
        return _considered(request)
    membership = requested_runs.request_run(request, settings(*SETTINGS))
    logger.info("run requested", run=membership.run, joined=not membership.started_batch, **request.overrides)
    return {"run": membership.run, "joined": not membership.started_batch}


def _considered(request: RunRequested) -> dict[str, Any]:
    """Let the model's policy decide."""
    found = policies.consider(request, settings(*SETTINGS))
    hold, cause = found.decision.hold, str(found.decision.cause)
    if hold is not Hold.NOT_DUE:  # that nothing speaks for a run is no news
        facts = {"RunsHeldBack": int(hold is not None), "RunsBegun": int(hold is None)}
        embedded_metrics.emit(settings(*SETTINGS).stack, facts, Model=request.model, Cause=cause)
    if found.looked.files or found.looked.later:
        logger.info("captured requests counted", **found.looked._asdict())
    logger.info("policy decided", run=found.run, hold=str(hold or ""), cause=cause)
    reasons = list(found.decision.reasons) if hold else []
    return {"run": found.run, "joined": found.joined, "held_back": str(hold or ""), "reasons": reasons}
