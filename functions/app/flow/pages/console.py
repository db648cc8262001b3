"""The console: what serves, what waits, and what became of models. To look at it changes nothing; a form does, that
whoever may change things sends (``changing``).
"""

from app.aws.watching import alarms
from app.decide.operating.alarm_rows import AlarmRow
from app.decide.operating.health import health
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import ModelRow, model_row
from app.decide.pages.web_requests import PageRequested
from app.decide.watching.quality_views import MOST_WINDOWS
from app.decide.watching.series import story
from app.flow.pages import changing, model_pages, redriving, run_pages, trying
from app.flow.pages.model_pages import facts_of, permitted
from app.flow.pages.opening import Opened, opened
from app.ledger import ledger
from app.settings import Settings

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
    return model_pages.answer(asked.name, found, settings)


def _all(found: Opened, settings: Settings) -> Answer:
    tripped = permitted(lambda at: alarms.tripped(at.stack), settings)
    rows = [_row(model, tripped, settings) for model in sorted(ledger().models())]
    seen = {"alarms": tripped, "letters": permitted(redriving.counts, settings)}
    shown = {"root": found.root, "models": rows, "operates": found.operates} | seen
    return answers.page(200, "models shown", "models.html", **shown)


def _row(model: str, tripped: tuple[AlarmRow, ...] | None, settings: Settings) -> ModelRow:
    facts = facts_of(model)
    quality = story(ledger().newest_windows(model, "quality", MOST_WINDOWS))
    return model_row(facts, health(settings.stack, facts.config, tripped, batch=facts.batch), quality)
