"""Every page of the console stays below 60 KB, also where keys, reasons, warnings and logs are as long as they come."""

import json
from collections.abc import Callable

import pytest
import yaml
from app.decide.names.statuses import RunStatus
from app.decide.operating.tried_records import MOST_COLUMNS, Field
from app.decide.pages import answers
from app.decide.pages.console_views import MOST_UPLOADS, model_row, model_view, run_view
from app.decide.pages.machine_graph import machine
from app.decide.pages.questions import question
from app.decide.pages.step_views import MOST_LINES, Job, step_view
from app.decide.pages.why import why_view
from app.decide.uploads.standing import KEPT
from app.ledger.batches import MAX_WARNINGS_KEPT

from tests import sample_pages as samples

LARGEST = 60_000  # bytes
KEY = "incoming/churn/" + "n" * 1000  # S3 takes 1,024
WARNING = {name: name[0] * 300 for name in ("column", "expected", "found")}
LEFT_OUT = {"key": KEY, "version_id": "v", "why": "w" * 300}
RUN = samples.WAITING._replace(
    reasons=["r" * 2000],
    timeline=[{"at": "2026-03-14T10:15:00.000Z", "what": f"{number} " + "x" * 100} for number in range(60)],
    warnings=[WARNING] * MAX_WARNINGS_KEPT, left_out=[LEFT_OUT] * KEPT, files=[{"key": KEY}] * 1000,
)  # fmt: skip
UPLOAD = {
    "key": KEY, "version_id": "v", "uploaded_at": "2026-03-12T10:15:00.000Z", "rows": 5000, "run": RUN.id,
    "sk": "00000001#b", "withdrawn": "w" * 2000, "warnings": [WARNING] * MAX_WARNINGS_KEPT,
}  # fmt: skip
RUNS = [RUN, *[RUN._replace(status=RunStatus.FAILED)] * 200]  # of which the newest alone waits
MODEL = samples.FACTS._replace(
    versions=dict.fromkeys(range(1, 800), "f" * 2000), runs=RUNS, uploads=[UPLOAD] * MOST_UPLOADS,
    refused=[{"at": "2026-03-12T10:15:00.000Z", "message": "m" * 2000}] * 300,
)  # fmt: skip
FIELDS = tuple(Field(f"column-{number}", "c" * 60, False, "") for number in range(MOST_COLUMNS))
SOURCE = {"key": KEY, "uploaded_at": "2026-03-14T10:15:00.000Z", "size_bytes": 812}
LOG = ["l" * 200] * MOST_LINES


def page(name: str, **facts: object) -> str:
    return answers.page(200, "", name, root=samples.ROOT, **facts).body


def run_page() -> str:
    story = machine(json.dumps(yaml.safe_load(samples.MACHINE)), samples.WENT, samples.LATER)
    return page("run.html", again_s=0, run=run_view(RUN, machine=story))


PAGES: dict[str, Callable[[], str]] = {
    "50 models": lambda: page(
        "models.html", operates=True, models=[model_row(MODEL, samples.ILL)] * 50, **samples.TROUBLE
    ),
    "a model": lambda: page(
        "model.html", model=model_view(MODEL), operates=True, problem="", health=samples.ILL,
        given={"who": "", "reason": "", "upload": ""}, quality=samples.quality_view(samples.MEASURED * 100),
    ),
    "a run": run_page,
    "a decision": lambda: page(
        "decision.html", given=samples.NOTHING, **samples.ASKED | {"question": question(samples.LINK, RUN, 3)}
    ),
    "a step": lambda: page(
        "step.html", run=RUN.id, model=RUN.model,
        step=step_view(samples.LISTED[1], Job("j" * 60, "/aws/sagemaker/TrainingJobs"), "", LOG, "", samples.LATER),
    ),
    "why": lambda: page(
        "why.html", why=why_view(RUN, RUNS, [SOURCE] * 1000, serves=True, failure="f" * 2000)
    ),
    "a form": lambda: page("try.html", model=RUN.model, fields=FIELDS, answered=None, problem="p" * 300),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_all_that_there_may_be_stays_below_60_kilobytes(name: str) -> None:
    assert len(PAGES[name]().encode()) < LARGEST
