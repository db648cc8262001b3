"""The console: what serves, what waits, and what became of models. To look at it changes nothing; a form does, that
whoever may change things sends (``changing``).
"""

from collections.abc import Callable
from typing import TypeVar

from app.aws.watching import alarms
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import model_row
from app.decide.pages.web_requests import PageRequested
from app.errors import AccessDenied
from app.flow.pages import changing, model_pages, redriving, run_pages, trying
from app.flow.pages.model_pages import facts_of
from app.flow.pages.opening import Opened, opened
from app.ledger import ledger
from app.settings import Settings

Found = TypeVar("Found")
READS, SENDS = ("GET", "HEAD"), "POST"


def answer(asked: PageRequested, settings: Settings) -> Answer:
    """Answer a browser that has a link to the console."""
    if asked.method not in (*READS, SENDS):
        return answers.said(endings.NOT_ASKED)._replace(allowed="GET, HEAD, POST")
    if asked.method == SENDS and asked.foreign:
        return answers.said(endings.FOREIGN_CHANGE)
    found = opened(asked.secret)
    if not isinstance(found, Opened):
        return answers.said(found)
    if asked.method == SENDS:
        return changing.answer(asked, found, settings) if found.operates else answers.said(endings.READ_ONLY)
    if asked.shelf == "all":
        return _all(found, settings)
    if asked.shelf == "runs":
        return run_pages.answer(asked, found.root, settings)
    if asked.name not in ledger().models():
        return answers.said(endings.NOT_THERE)
    if asked.part == "try":
        return trying.answer(asked, found, settings)
    if asked.part:
        return run_pages.why(asked.name, int(asked.item), found.root)
    return model_pages.answer(asked.name, found)


def _all(found: Opened, settings: Settings) -> Answer:
    rows = [model_row(facts_of(model)) for model in sorted(ledger().models())]
    tripped = _permitted(lambda at: alarms.tripped(at.stack), settings)
    seen = {"alarms": tripped, "letters": _permitted(redriving.counts, settings)}
    shown = {"root": found.root, "models": rows, "operates": found.operates} | seen
    return answers.page(200, "models shown", "models.html", **shown)


def _permitted(look: Callable[[Settings], Found], settings: Settings) -> Found | None:
    """What a part of the page shows; None where the page may not read it, which is no reason to show nothing."""
    try:
        return look(settings)
    except AccessDenied:
        return None
