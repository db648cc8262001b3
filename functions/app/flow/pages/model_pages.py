"""The console's page of one model."""

from collections.abc import Callable
from typing import Any, TypeVar

from app.aws import endpoints
from app.aws.watching import alarms
from app.decide.names.resource_names import resource_name
from app.decide.operating.health import Health, health
from app.decide.pages import answers
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import MOST_UPLOADS, ModelFacts, model_view
from app.decide.watching.quality_views import MOST_WINDOWS, quality_view
from app.errors import AccessDenied
from app.flow.pages.opening import Opened
from app.ledger import ledger
from app.settings import Settings

Found = TypeVar("Found")


def answer(
    model: str, found: Opened, settings: Settings, problem: str = "", given: dict[str, str] | None = None
) -> Answer:
    """A model's page; with a ``problem`` of a form that was sent, as it was filled in."""
    facts = facts_of(model)._replace(uploads=ledger().newest_accepted(model, MOST_UPLOADS))
    shown: dict[str, Any] = {"root": found.root, "model": model_view(facts), "operates": found.operates}
    shown["health"] = _health(facts, settings)
    shown["quality"] = quality_view(ledger().newest_windows(model, "quality", MOST_WINDOWS))
    kept = {"who": "", "reason": "", "upload": ""} | (given or {})
    status, outcome = (400, "incomplete form") if problem else (200, "model shown")
    return answers.page(status, outcome, "model.html", **shown, given=kept, problem=problem)


def _health(facts: ModelFacts, settings: Settings) -> Health | None:
    """How well is what serves; nobody is asked where nothing does."""
    if not facts.config or facts.batch:
        return health(settings.stack, facts.config, (), batch=facts.batch)
    tripped = permitted(lambda at: alarms.tripped(at.stack), settings)
    endpoint = permitted(lambda at: endpoints.describe(resource_name(at.stack, facts.name)), settings)
    return health(settings.stack, facts.config, tripped, endpoint)


def facts_of(model: str) -> ModelFacts:
    """What the ledger knows about a model."""
    live, since = ledger().live_since(model)
    versions = {version: str(known.get("failed", "")) for version, known in ledger().versions(model).items()}
    refused, runs = ledger().refused(model), ledger().runs(model)
    if live is None:
        return ModelFacts(model, None, "", versions, runs, refused)
    return ModelFacts(model, live.version, since, versions, runs, refused, (), live.name, live.batch)


def permitted(look: Callable[[Settings], Found], settings: Settings) -> Found | None:
    """What a part of a page shows; None where the page may not read it, which is no reason to show nothing."""
    try:
        return look(settings)
    except AccessDenied:
        return None
