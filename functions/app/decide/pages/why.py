"""Why a version serves, or does not: what it learnt from, who decided, what it replaced, what was tried since. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.decide.deployment.scaling import scaling_of, scaling_text
from app.decide.names.statuses import RunStatus
from app.decide.pages.questions import MetricRow, metric_rows, minute
from app.decide.records import RunRecord

NOT_DEPLOYED = (
    RunStatus.FAILED,
    RunStatus.REJECTED_BY_GATE,
    RunStatus.REJECTED_BY_REVIEWER,
    RunStatus.APPROVAL_EXPIRED,
    RunStatus.SUPERSEDED,
)
DECIDED = ("approved", "rejected")  # how the timeline's entries of a decision begin
VERIFIED = "verified"  # the timeline's entry from which on a version serves
MOST_FILES, MOST_TRIED = 30, 10


class SourceRow(NamedTuple):
    """An upload that a version learnt from."""

    key: str
    uploaded: str
    size: str


class TriedRow(NamedTuple):
    """A later run whose version does not serve."""

    run: str
    version: int | None
    status: str
    why: str


class WhyView(NamedTuple):
    """A version's page."""

    model: str
    version: int
    serves: bool
    run: str
    facts: tuple[tuple[str, str], ...]
    loosened: tuple[str, ...]
    metrics: tuple[MetricRow, ...]
    champion: int | None
    sources: tuple[SourceRow, ...]
    source_count: int
    tried: tuple[TriedRow, ...]
    tried_count: int


def last_decision(record: RunRecord) -> str:
    """How the last decision about a run's version stands on its timeline; "" where none was made."""
    return next((entry["what"] for entry in reversed(record.timeline) if entry["what"].startswith(DECIDED)), "")


def verified_at(record: RunRecord) -> str:
    """When (ISO) a run's version was verified last; "" where it never was."""
    return next((entry["at"] for entry in reversed(record.timeline) if entry["what"] == VERIFIED), "")


def replaced(record: RunRecord, runs: Sequence[RunRecord]) -> int | None:
    """The version that was verified last before this run's; None where none was."""
    since = verified_at(record)
    before = [
        (entry["at"], other.version)
        for other in runs
        for entry in other.timeline
        if other.id != record.id and entry["what"] == VERIFIED and entry["at"] < since
    ]
    return max(before)[1] if before else None


def later_failures(record: RunRecord, runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Later runs whose versions were not deployed, or that had none; newest first."""
    later = [run for run in runs if run.id.rsplit("-", 2)[1:] > record.id.rsplit("-", 2)[1:]]
    return [run for run in later if run.status in NOT_DEPLOYED]


def sources_uri(record: RunRecord) -> str:
    """Where the list of a run's uploads lies, beside its manifest; "" of a run that has no data."""
    manifest = str((record.plan or {}).get("parameters", {}).get("InputData", ""))
    return f"{manifest.rpartition('/')[0]}/sources.json" if manifest else ""


def scaling_said(record: RunRecord) -> str:
    """How the endpoint of a run's version is scaled; "" of one that is not."""
    scaling = scaling_of((record.plan or {}).get("deployment") or {})
    return scaling_text(scaling) if scaling else ""


def why_view(
    record: RunRecord, runs: Sequence[RunRecord], sources: Sequence[Mapping[str, Any]], *, serves: bool, failure: str
) -> WhyView:
    """A version's page, by the record of the run that registered it and all runs of its model."""
    verdict, plan, tried = record.verdict or {}, record.plan or {}, later_failures(record, runs)
    champion, verified, before = verdict.get("champion", {}), verified_at(record), replaced(record, runs)
    known = {
        "Failed": failure, "Rows": f"{record.rows:,}" if record.rows is not None else "",
        "Decision": last_decision(record) or "none", "Verified": minute(verified) if verified else "never",
        "Replaced": f"version {before}" if before else "nothing", "Scaling": scaling_said(record),
        "Owner": str(plan.get("owner") or ""),
        "Model file": str(plan.get("model_sha256") or "")[:12], "Code": str(plan.get("code_sha256") or "")[:12],
    }  # fmt: skip
    return WhyView(
        record.model, record.version or 0, serves, record.id,
        tuple((name, text) for name, text in known.items() if text), tuple(plan.get("loosened", [])),
        metric_rows(verdict), champion.get("version") if "differences" in champion else None,
        tuple(map(_source, sources[:MOST_FILES])), len(sources),
        tuple(TriedRow(one.id, one.version, str(one.status), "; ".join(one.reasons)) for one in tried[:MOST_TRIED]),
        len(tried),
    )  # fmt: skip


def _source(source: Mapping[str, Any]) -> SourceRow:
    size = int(source.get("size_bytes") or 0)
    uploaded = str(source.get("uploaded_at") or "")
    return SourceRow(str(source["key"]), minute(uploaded) if uploaded else "", size_text(size))


def size_text(size_bytes: int) -> str:
    """A size for a person."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    return f"{size_bytes / 1000:.0f} KB" if size_bytes < 1_000_000 else f"{size_bytes / 1_000_000:.1f} MB"
