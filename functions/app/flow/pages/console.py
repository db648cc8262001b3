"""The console: what serves, what waits, and what became of models, read from the ledger. It changes nothing."""

from app.decide.names.times import from_iso
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import ModelFacts, model_row, model_view
from app.decide.pages.links import console_hash
from app.decide.pages.web_requests import PageRequested
from app.flow.pages import run_pages
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

READS = ("GET", "HEAD")


def answer(asked: PageRequested, settings: Settings) -> Answer:
    """Answer a browser that has a link to the console."""
    if asked.method not in READS:
        return answers.said(endings.NOT_ASKED)._replace(allowed="GET, HEAD")
    until = ledger().console_open_until(console_hash(asked.secret))
    if not until or now() >= from_iso(until):
        return answers.said(endings.CONSOLE_OVER if until else endings.NO_CONSOLE)
    root = f"/console/{asked.secret}"
    if asked.shelf == "all":
        rows = [model_row(_facts(model)) for model in sorted(ledger().models())]
        return answers.page(200, "models shown", "models.html", root=root, models=rows)
    if asked.shelf == "runs":
        return run_pages.answer(asked, root, settings)
    if asked.name not in ledger().models():
        return answers.said(endings.NOT_THERE)
    if asked.part:
        return run_pages.why(asked.name, int(asked.item), root)
    return answers.page(200, "model shown", "model.html", root=root, model=model_view(_facts(asked.name)))


def _facts(model: str) -> ModelFacts:
    """What the ledger knows about a model."""
    live = ledger().live_version(model)
    versions = {version: str(known.get("failed", "")) for version, known in ledger().versions(model).items()}
    refused = ledger().refused(model)
    serving = live.version if live else None
    return ModelFacts(model, serving, ledger().live_since(model), versions, ledger().runs(model), refused)
