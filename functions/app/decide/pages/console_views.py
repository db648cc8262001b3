"""What the console shows of models and runs: rows of text, newest first. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeGuard

from app.decide.approval.ballots import ReviewRule, needed_text
from app.decide.comparison_text import metric_text
from app.decide.costs.estimates import serving_text
from app.decide.costs.prices import of_plan
from app.decide.names.shown_text import shown
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso, iso
from app.decide.operating.health import Health
from app.decide.operating.upload_rows import UploadRow, upload_rows
from app.decide.pages.charts import Line, line
from app.decide.pages.drawings import Drawing
from app.decide.pages.machine_graph import Machine
from app.decide.pages.questions import MetricRow, found_text, metric_rows, minute
from app.decide.pages.run_progress import Stage, StepRow, stages
from app.decide.records import RunRecord
from app.decide.watching.notices import cause_texts

MOST_RUNS, MOST_VERSIONS, MOST_REFUSED, MOST_FILES, MOST_METRICS, MOST_UPLOADS = (
    30,
    20,
    10,
    20,
    4,
    20,
)  # of a page below 60 KB
LONGEST_IN_LIST = 200  # characters of a reason; the run's own page has it whole
TONES = {
    RunStatus.DEPLOYED: "good", RunStatus.FAILED: "bad", RunStatus.REJECTED_BY_GATE: "bad",
    RunStatus.REJECTED_BY_REVIEWER: "bad", RunStatus.NO_USABLE_DATA: "bad",
}  # fmt: skip


class ModelFacts(NamedTuple):
    """What the ledger knows about a model."""

    name: str
    live: int | None  # the version that serves
    since: str  # ISO
    versions: Mapping[int, str]  # each with why it failed, "" where it did not
    runs: Sequence[RunRecord]  # newest first
    refused: Sequence[Mapping[str, Any]]  # uploads in quarantine, newest first
    uploads: Sequence[Mapping[str, Any]] = ()  # accepted, newest batch first; none in a list of models
    config: str = ""  # of the endpoint, as the version that serves has it; "" where none does
    batch: bool = False  # it serves without an endpoint


class RunRow(NamedTuple):
    """A run in a list."""

    id: str
    status: str
    tone: str
    at: str
    version: int | None
    why: str


class VersionRow(NamedTuple):
    """A version in a list, with the metrics that its run found."""

    version: int
    serves: bool
    run: str
    metrics: tuple[str, ...]
    state: str


class ModelRow(NamedTuple):
    """A model in the list of all."""

    name: str
    serves: str
    last: RunRow | None
    waiting: tuple[str, ...]  # versions that wait for a person, and who is asked
    refused: int
    health: Health | None  # of what serves
    quality: str  # of what serves, on new rows; "" where it was not measured


class ModelView(NamedTuple):
    """A model's page."""

    name: str
    serves: str
    next: RunRow | None  # the newest run, where it goes on
    waiting: tuple[str, ...]
    metric_labels: tuple[str, ...]
    versions: tuple[VersionRow, ...]
    runs: tuple[RunRow, ...]
    refused: tuple[tuple[str, str], ...]  # when, and the message
    counts: tuple[int, int, int]  # of all versions, runs and refused uploads
    lines: tuple[Line, ...]  # of metrics over versions
    uploads: tuple[UploadRow, ...]
    cost: str  # what its endpoint costs, in a sentence


class RunView(NamedTuple):
    """A run's page."""

    row: RunRow
    model: str
    open: bool  # it goes on
    facts: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]
    metrics: tuple[MetricRow, ...]
    champion: int | None
    timeline: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    warnings: tuple[str, ...]
    unheard: bool
    path: tuple[Stage, ...]
    steps: tuple[StepRow, ...]  # of its pipeline
    drawing: Drawing | None  # of the pipeline's graph
    machine: Machine | None  # the state machine, as far as its execution is
    report: bool  # there is one


def model_row(facts: ModelFacts, well: Health | None = None, quality: str = "") -> ModelRow:
    """A model in the list of all."""
    last = run_row(facts.runs[0]) if facts.runs else None
    waiting = tuple(map(_asked, _waiting(facts)))
    return ModelRow(facts.name, _serves(facts), last, waiting, len(facts.refused), well, quality)


def model_view(facts: ModelFacts) -> ModelView:
    """A model's page."""
    by_version = {run.version: run for run in reversed(facts.runs) if run.version}
    newest = sorted(facts.versions, reverse=True)[:MOST_VERSIONS]
    runs = [by_version[one] for one in newest if one in by_version]
    names = _told_first(dict.fromkeys(name for run in runs for name in _metrics(run)), runs)[:MOST_METRICS]
    labels = [_label(name, runs) for name in names]
    rows = [_version(one, facts, by_version.get(one), names) for one in newest]
    return ModelView(
        facts.name, _serves(facts), next((run_row(one) for one in facts.runs[:1] if not one.status.final), None),
        tuple(map(_asked, _waiting(facts))), tuple(labels), tuple(rows),
        tuple(map(run_row, facts.runs[:MOST_RUNS])),
        tuple((minute(one["at"]), shown(str(one["message"]))) for one in facts.refused[:MOST_REFUSED]),
        (len(facts.versions), len(facts.runs), len(facts.refused)), _lines(newest, by_version, names, labels),
        upload_rows(facts.uploads, facts.runs), _cost(facts),
    )  # fmt: skip


def _cost(facts: ModelFacts) -> str:
    """What serving costs a month, by the plan of the run whose version serves; "" where none serves."""
    plans = [run.plan for run in facts.runs if run.plan and run.version == facts.live]
    return serving_text(plans[0]["deployment"] or {}, of_plan(plans[0])) if plans and "deployment" in plans[0] else ""


def _lines(
    newest: Sequence[int], runs: Mapping[int | None, RunRecord], names: Sequence[str], labels: Sequence[str]
) -> tuple[Line, ...]:
    """The metrics' courses over the versions that have them."""
    found = []
    for name, label in zip(names, labels, strict=True):
        values = ((version, _metrics(runs.get(version)).get(name)) for version in reversed(newest))
        found.append(line(label, [(version, value) for version, value in values if _is_number(value)]))
    return tuple(one for one in found if one)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def run_row(run: RunRecord) -> RunRow:
    """A run in a list."""
    at = minute(run.timeline[0]["at"]) if run.timeline else ""
    why = shown(run.reasons[0], LONGEST_IN_LIST) if run.reasons else ""
    return RunRow(run.id, str(run.status), TONES.get(run.status, ""), at, run.version, why)


def run_view(
    run: RunRecord, steps: Sequence[StepRow] = (), drawing: Drawing | None = None, machine: Machine | None = None
) -> RunView:
    """A run's page, with its pipeline's steps and their graph, and its state machine."""
    verdict = run.verdict or {}
    champion = verdict.get("champion", {})
    known = {"Began by": "; ".join(cause_texts(run.cause)), "Version": run.version,
             "Rows uploaded": run.rows, "Owner": (run.plan or {}).get("owner"),
             "Endpoint": run.endpoint, "Pipeline execution": run.pipeline_execution_arn}  # fmt: skip
    return RunView(
        run_row(run), run.model, not run.status.final,
        tuple((name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in known.items() if value),
        tuple(run.reasons), metric_rows(verdict), champion.get("version") if "differences" in champion else None,
        tuple((minute(one["at"]), one["what"]) for one in run.timeline),
        tuple(shown(str(one["key"])) for one in run.files[:MOST_FILES]),
        tuple(map(found_text, run.warnings)), run.unheard, stages(run), tuple(steps), drawing, machine,
        bool(run.outputs.get("evaluation")),
    )  # fmt: skip


def _serves(facts: ModelFacts) -> str:
    if facts.live is None:
        return "nothing yet"
    return f"version {facts.live}" + (f" since {minute(facts.since)}" if facts.since else "")


def _waiting(facts: ModelFacts) -> list[RunRecord]:
    return [run for run in facts.runs if run.status is RunStatus.AWAITING_APPROVAL]


def _asked(run: RunRecord) -> str:
    """Who is asked, since when and until when."""
    asked = [one["at"] for one in run.timeline if one["what"] == "approval requested"]
    deadline_s = int((run.plan or {}).get("deadline_s", 0))
    until = (
        f", until {minute(iso(from_iso(asked[-1]) + timedelta(seconds=deadline_s)))}" if asked and deadline_s else ""
    )
    rule = ReviewRule.of(run.model, run.plan)
    who = f"asked for {needed_text(rule)}" if rule.reviewers else "whoever is subscribed was asked"
    heard = "nobody was subscribed when it was asked for" if run.unheard else who
    return f"Version {run.version} waits for a decision{until}: {heard}."


def _version(version: int, facts: ModelFacts, run: RunRecord | None, names: Sequence[str]) -> VersionRow:
    metrics = _metrics(run)
    failed = shown(facts.versions[version], LONGEST_IN_LIST)
    state = "serves" if version == facts.live else f"failed: {failed}" if failed else str(run.status) if run else ""
    return VersionRow(
        version,
        version == facts.live,
        run.id if run else "",
        tuple(metric_text(metrics.get(name)) for name in names),
        state,
    )


def _metrics(run: RunRecord | None) -> dict[str, Any]:
    return dict((run.verdict or {}).get("metrics", {})) if run else {}


def _told_first(names: Iterable[str], runs: Sequence[RunRecord]) -> list[str]:
    """Metrics in the order in which they are shown where there is little room: those that are meant for that first."""
    return sorted(names, key=lambda name: not all(one.get("compact", True) for one in _details(name, runs)))


def _label(name: str, runs: Sequence[RunRecord]) -> str:
    return next((str(one["label"]) for one in _details(name, runs) if one.get("label")), name)


def _details(name: str, runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    return [(run.verdict or {}).get("metric_details", {}).get(name, {}) for run in runs]
