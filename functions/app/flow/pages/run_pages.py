"""The console's pages about one run: its pipeline as a graph, each step with its log, its report, and why its version
serves or does not.

The report is a document that a job wrote: it is shown as it is, in a sandbox in which nothing of it runs, is sent or is
fetched. The manifest is data: it is read here, and written as text.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.aws import data_bucket, pipelines, state_machine
from app.aws.watching import job_logs
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.console_views import run_view
from app.decide.pages.drawings import pipeline_drawing
from app.decide.pages.machine_graph import Machine, machine
from app.decide.pages.run_progress import follow_s, step_rows
from app.decide.pages.step_graph import NOTHING
from app.decide.pages.step_views import MOST_LINES, WITHHELD, job_of, step_view
from app.decide.pages.web_requests import PageRequested
from app.decide.pages.why import sources_uri, why_view
from app.decide.records import RunRecord
from app.errors import AccessDenied, ArtifactChanged, BadMessage, Gone, ResourceMissing, UnknownModel
from app.flow import judged_content
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

LARGEST_REPORT = 4_000_000  # bytes: an answer of a function has six million at most, as JSON


def answer(asked: PageRequested, root: str, settings: Settings) -> Answer:
    """Answer with a run's page, or a part of it."""
    record = ledger().run(asked.name)
    if record is None:
        return answers.said(endings.NOT_THERE)
    if asked.part == "report":
        return _report(record)
    if asked.part == "steps":
        return _step(record, asked.item, root, settings)
    at = now()
    with ThreadPoolExecutor(1) as beside:  # Step Functions is asked while SageMaker answers
        drawn = beside.submit(_machine, record)
        steps = _steps(record)
        definition = _definition(record, steps)
    view = run_view(record, step_rows(steps, at), pipeline_drawing(definition, steps, at), drawn.result())
    again_s = follow_s(record, at) if asked.follow else 0
    shown = answers.page(200, "run shown", "run.html", root=root, run=view, again_s=again_s)
    return shown._replace(refresh_s=again_s)


def _machine(record: RunRecord) -> Machine | None:
    """The state machine with what its latest execution has done; None where that is gone, or may not be read."""
    try:
        arn = record.execution_arn
        return machine(state_machine.definition(arn), state_machine.history(arn), now())
    except (ResourceMissing, AccessDenied):
        return None


def _steps(record: RunRecord) -> list[dict[str, Any]]:
    """The steps of a run's pipeline; none where it has not begun, or was cleaned up."""
    if not record.pipeline_execution_arn:
        return []
    try:
        return pipelines.steps(record.pipeline_execution_arn)
    except ResourceMissing:
        return []


def _definition(record: RunRecord, steps: list[dict[str, Any]]) -> str:
    """What a run's pipeline does; one without steps where it has not begun, or was cleaned up."""
    if not record.pipeline_execution_arn or not steps:
        return NOTHING
    try:
        return pipelines.definition(record.pipeline_execution_arn)
    except ResourceMissing:
        return NOTHING


def _step(record: RunRecord, name: str, root: str, settings: Settings) -> Answer:
    """A step's page, of its last attempt; the log of a model with sensitive data is not read at all."""
    step = next((one for one in reversed(_steps(record)) if one["StepName"] == name), None)
    if step is None:
        return answers.said(endings.NOT_THERE)
    job = job_of(step)
    note = job.note or (WITHHELD if _is_sensitive(record.model, settings) else "")
    stream, lines = (job.name, []) if note else job_logs.last_lines(job.group, job.name, MOST_LINES)
    view = step_view(step, job, stream if job.group else "", lines, note, now())
    return answers.page(200, "step shown", "step.html", root=root, run=record.id, model=record.model, step=view)


def _is_sensitive(model: str, settings: Settings) -> bool:
    """Whether a model's data are sensitive; of one that is not published any more nobody knows."""
    try:
        return data_bucket.published(settings.data_bucket, model).data.sensitive
    except (UnknownModel, AccessDenied):
        return True


def _report(record: RunRecord) -> Answer:
    if not record.outputs.get("evaluation"):
        return answers.said(endings.NO_REPORT)
    try:
        text = judged_content.report(record, LARGEST_REPORT)
    except (Gone, AccessDenied):
        return answers.said(endings.NO_REPORT)
    except ArtifactChanged:
        return answers.said(endings.CHANGED_REPORT)
    return answers.document("report shown", text) if text is not None else answers.said(endings.LARGE_REPORT)


def why(model: str, version: int, root: str) -> Answer:
    """Why a version serves, or does not."""
    run = ledger().run_of_version(model, version)
    record = ledger().record(run) if run else None
    if record is None:
        return answers.said(endings.NOT_THERE)
    live, failure = ledger().live_version(model), str(ledger().versions(model).get(version, {}).get("failed", ""))
    serves = live is not None and live.version == version
    view = why_view(record, ledger().runs(model), _sources(record), serves=serves, failure=failure)
    return answers.page(200, "why shown", "why.html", root=root, why=view)


def _sources(record: RunRecord) -> list[dict[str, Any]]:
    """The uploads that a run learnt from, as its data set names them; none where that is gone."""
    try:
        found: list[dict[str, Any]] = data_bucket.read_json(uri) if (uri := sources_uri(record)) else []
    except (Gone, AccessDenied, BadMessage):
        return []
    return found
