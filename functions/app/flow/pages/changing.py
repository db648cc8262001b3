"""What the console changes, for whoever has a link that may: an upload is withdrawn, dead letters are sent
again, an endpoint is asked.

Each is a form's POST; what it says is held against the ledger, and doing it twice is as good as once.
"""

from app.decide.operating.upload_rows import withdrawal
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.web_requests import PageRequested
from app.flow.pages import model_pages, redriving, trying
from app.flow.pages.opening import Opened
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

ALL_BATCHES = 99_999_999


def answer(asked: PageRequested, found: Opened, settings: Settings) -> Answer:
    """Do what a form asks for."""
    form = asked.form or {}
    place = (asked.shelf, asked.part, form.get("change", ""))
    if place == ("all", "", "redrive"):
        return _redrive(settings)
    if place == ("models", "", "withdraw") and asked.name in ledger().models():
        return _withdraw(asked, form, found, settings)
    if place == ("models", "try", "try") and asked.name in ledger().models():
        return trying.answer(asked, found, settings)
    return answers.said(endings.UNREADABLE_CHANGE)


def _redrive(settings: Settings) -> Answer:
    return answers.said(endings.redriven(*redriving.redrive(settings)))


def _withdraw(asked: PageRequested, form: dict[str, str], found: Opened, settings: Settings) -> Answer:
    """Take an upload out of all later runs; the browser then reads the model's page."""
    made, problem = withdrawal(form, now())
    known = {str(one["sk"]) for one in ledger().accepted(asked.name, ALL_BATCHES)} if made.sort_key else set()
    if made.sort_key and made.sort_key not in known:
        problem = "No such upload was accepted."
    if problem:
        return model_pages.answer(asked.name, found, settings, problem, form)
    if not ledger().withdraw(asked.name, made.sort_key, made.why):
        return model_pages.answer(asked.name, found, settings, "It was withdrawn before.", form)
    return Answer(303, "withdrawn", location=f"{found.root}/models/{asked.name}")
