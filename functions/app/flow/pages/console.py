"""The console: what serves, what waits, and what became of runs, read from the ledger, and a pipeline's
steps from SageMaker. It changes nothing.
"""

from app.aws import pipelines
from app.decide.names.times import from_iso
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import ModelFacts, model_row, model_view, run_view
from app.decide.pages.links import console_hash
from app.decide.pages.run_progress import StepRow, step_rows
from app.decide.pages.web_requests import PageRequested
from app.decide.records import RunRecord
from app.decide.watching.quality_views import MOST_WINDOWS, quality_view
from app.errors import ResourceMissing
from app.ledger import ledger
from app.ledger.batches import now

READS = ("GET", "HEAD")
FOLLOW_S = 10  # between two looks of a browser at a run


def answer(asked: PageRequested) -> Answer:
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
    if asked.shelf == "models":
        return _model(asked.name, root)
    return _run(asked.name, root, follow=asked.follow)


def _facts(model: str) -> ModelFacts:
    """What the ledger knows about a model."""
    live = ledger().live_version(model)
    versions = {version: str(known.get("failed", "")) for version, known in ledger().versions(model).items()}
    refused = ledger().refused(model)
    serving = live.version if live else None
    return ModelFacts(model, serving, ledger().live_since(model), versions, ledger().runs(model), refused)


def _model(model: str, root: str) -> Answer:
    if model not in ledger().models():
        return answers.said(endings.NOT_THERE)
    quality = quality_view(ledger().newest_windows(model, "quality", MOST_WINDOWS))
    return answers.page(200, "model shown", "model.html", root=root, model=model_view(_facts(model)), quality=quality)


def _run(run: str, root: str, *, follow: bool) -> Answer:
    """A run's page, which comes again by itself while the run goes on, where the reader asked for that."""
    record = ledger().run(run)
    if record is None:
        return answers.said(endings.NOT_THERE)
    view = run_view(record, _steps(record))
    shown = answers.page(200, "run shown", "run.html", root=root, run=view, follow=follow)
    return shown._replace(refresh_s=FOLLOW_S) if follow and view.open else shown


def _steps(record: RunRecord) -> tuple[StepRow, ...]:
    """The steps of a run's pipeline; none where it has not begun, or was cleaned up."""
    if not record.pipeline_execution_arn:
        return ()
    try:
        return step_rows(pipelines.steps(record.pipeline_execution_arn), now())
    except ResourceMissing:
        return ()
