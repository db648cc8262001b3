"""Lambda: show a browser the page that it asks for, and take a decision that is made there."""

from typing import Any

from app.decide.pages.web_requests import PageRequested
from app.decide.parsing import log_keys
from app.flow.pages import web_pages
from app.settings import settings
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

SETTINGS = (
    "stack", "ledger_table", "data_bucket", "arrivals_queue_url", "champion_queue_url", "arrivals_letters_url",
    "events_letters_url",
)  # fmt: skip
logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """HTTP request of the function's URL; its answer. A path is not logged: a secret stands in it."""
    asked = PageRequested.parse(event)
    logger.append_keys(**log_keys(asked))
    answer = web_pages.answer(asked, settings(*SETTINGS))
    logger.info("page answered", method=asked.method[:10], status=answer.status, outcome=answer.outcome)
    return answer.response
