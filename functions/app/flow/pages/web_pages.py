"""Answers to browsers: a mail's link leads to a decision, that of ``retrain open`` to the console, all else nowhere."""

from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.web_requests import PageRequested
from app.errors import TransientError
from app.flow.pages import console, decision_page
from app.settings import Settings


def answer(asked: PageRequested, settings: Settings) -> Answer:
    """Answer a browser, a scanner, or whoever else asks."""
    try:
        return console.answer(asked, settings) if asked.shelf else decision_page.answer(asked, settings)
    except TransientError:
        return answers.said(endings.BUSY)
