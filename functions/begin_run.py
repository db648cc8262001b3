"""Lambda: somebody asks for a run without an upload."""

from typing import Any

from app.decide.messages import RunAsked
from app.flow import requested_runs
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """``{"model", "request", "parameters"?, "version"?}`` -> ``{"run": str, "joined": bool}``."""
    asked = RunAsked.parse(event)
    begun = requested_runs.begin(asked, settings())
    logger.info("run asked for", run=begun.run, joined=not begun.opened, **asked.wish)
    return {"run": begun.run, "joined": not begun.opened}
