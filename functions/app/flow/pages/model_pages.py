"""The console's page of one model."""

from typing import Any

from app.decide.pages import answers
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import MOST_UPLOADS, ModelFacts, model_view
from app.decide.watching.quality_views import MOST_WINDOWS, quality_view
from app.flow.pages.opening import Opened
from app.ledger import ledger


def answer(model: str, found: Opened, problem: str = "", given: dict[str, str] | None = None) -> Answer:
    """A model's page; with a ``problem`` of a form that was sent, as it was filled in."""
    facts = facts_of(model)._replace(uploads=ledger().newest_accepted(model, MOST_UPLOADS))
    shown: dict[str, Any] = {"root": found.root, "model": model_view(facts), "operates": found.operates}
    shown["quality"] = quality_view(ledger().newest_windows(model, "quality", MOST_WINDOWS))
    kept = {"who": "", "reason": "", "upload": ""} | (given or {})
    status, outcome = (400, "incomplete form") if problem else (200, "model shown")
    return answers.page(status, outcome, "model.html", **shown, given=kept, problem=problem)


def facts_of(model: str) -> ModelFacts:
    """What the ledger knows about a model."""
    live = ledger().live_version(model)
    versions = {version: str(known.get("failed", "")) for version, known in ledger().versions(model).items()}
    refused = ledger().refused(model)
    serving = live.version if live else None
    return ModelFacts(model, serving, ledger().live_since(model), versions, ledger().runs(model), refused)
