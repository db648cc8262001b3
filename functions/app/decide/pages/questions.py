"""What a reviewer is asked: a version's verdict, beside what serves, with all that should give one pause. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.decide.comparison_text import metric_text, signed_text
from app.decide.costs.estimates import serving_text
from app.decide.costs.prices import of_plan
from app.decide.names.times import from_iso
from app.decide.pages.links import DecisionLink
from app.decide.records import RunRecord
from app.decide.uploads.standing import REPLACED

LONGEST_NAME, LONGEST_REASON = 100, 900  # characters; a registry's description takes 1,024 with both


class MetricRow(NamedTuple):
    """One metric, beside the champion's on the same rows."""

    label: str
    lower_is_better: bool
    value: str
    interval: str
    champion: str
    difference: str
    difference_interval: str
    better: str  # challenger, champion, neither


class Caution(NamedTuple):
    """Something to look at before one decides."""

    title: str
    lines: tuple[str, ...]


class Question(NamedTuple):
    """A page that asks for a decision."""

    model: str
    version: int
    owner: str
    reviewer: str
    until: str
    against: str
    serving: str
    caption: str
    champion: int | None  # the version that it was compared with
    metrics: tuple[MetricRow, ...]
    cautions: tuple[Caution, ...]
    facts: tuple[tuple[str, str], ...]
    needed: str = ""  # who has to say yes, and who has; "" where one yes decides
    cost: str = ""  # what serving it costs, in a sentence


class Choice(NamedTuple):
    """What a reviewer answered."""

    approve: bool
    reason: str
    by: str


def question(link: DecisionLink, record: RunRecord, live: int | None, needed: str = "") -> Question:
    """The question that a link asks; ``needed`` says who has to say yes, and who has."""
    verdict, plan = record.verdict or {}, record.plan or {}
    champion = verdict.get("champion", {})
    rows = metric_rows(verdict)
    compared = champion.get("version") if "differences" in champion else None
    return Question(
        link.model, link.version, str(plan.get("owner", "")), link.reviewer, minute(link.until),
        _against(champion, rows),
        _serving(live, verdict), _caption(champion, rows), compared, rows,
        tuple(_cautions(record, plan.get("loosened", []), champion)), _facts(link, record), needed,
        serving_text(plan["deployment"] or {}, of_plan(plan)) if "deployment" in plan else "",
    )  # fmt: skip


def _serving(live: int | None, verdict: dict[str, Any]) -> str:
    """Which version serves, and how well it answered rows that were new to it."""
    now = f"Version {live} serves now." if live else "No version serves yet."
    return f"{now} {verdict['serving']}" if verdict.get("serving") else now


def minute(at: str) -> str:
    """A time for a person: to the minute, in UTC."""
    return f"{from_iso(at):%Y-%m-%d %H:%M} UTC"


def metric_rows(verdict: dict[str, Any]) -> tuple[MetricRow, ...]:
    """A version's metrics, beside the champion's where the two were compared."""
    details, differences = verdict.get("metric_details", {}), verdict.get("champion", {}).get("differences", {})
    return tuple(
        _row(name, value, details.get(name, {}), differences.get(name, {}))
        for name, value in verdict.get("metrics", {}).items()
    )


def _row(name: str, value: Any, details: dict[str, Any], difference: dict[str, Any]) -> MetricRow:
    known = difference.get("difference") is not None
    return MetricRow(
        str(details.get("label", name)),
        bool(details.get("lower_is_better")),
        metric_text(value),
        _interval(metric_text, details),
        metric_text(difference.get("champion")),
        signed_text(difference["difference"]) if known else "",
        _interval(signed_text, difference),
        str(difference.get("better", "")) if known else "",
    )


def _interval(text: Any, ends: dict[str, Any]) -> str:
    known = ends.get("low") is not None and ends.get("high") is not None
    return f"{text(ends['low'])} to {text(ends['high'])}" if known else ""


def _against(champion: dict[str, Any], rows: Sequence[MetricRow]) -> str:
    if "differences" not in champion:
        return "It is the first version that could be compared." if not champion.get("version") else (
            f"It was not compared with version {champion['version']}: {champion.get('reason', 'no reason was given')}"
        )  # fmt: skip
    better = [row.label for row in rows if row.better == "challenger"]
    worse = [row.label for row in rows if row.better == "champion"]
    said = [f"better in {', '.join(better)}" if better else "", f"worse in {', '.join(worse)}" if worse else ""]
    found = " and ".join(filter(None, said)) or "neither better nor worse in any metric"
    return f"Against version {champion['version']}, on the same rows, it is {found}."


def _caption(champion: dict[str, Any], rows: Sequence[MetricRow]) -> str:
    of = champion.get("interval", {}).get("of", 0) if "differences" in champion else 0
    with_intervals = " with 95 % intervals" if any(row.interval for row in rows) else ""
    return f"Both on the same {of:,} test rows{with_intervals}" if of else f"On its test rows{with_intervals}"


def _cautions(record: RunRecord, loosened: Sequence[str], champion: dict[str, Any]) -> list[Caution]:
    doubts = (record.verdict or {}).get("doubts", [])
    left_out = [f"{one['key']}: {one['why']}" for one in record.left_out if one["why"] != REPLACED]
    found = [
        Caution("Its gate was looser than the model file's", tuple(loosened)),
        Caution("The comparison is doubtful", tuple(filter(None, [champion.get("warning", "")]))),
        Caution("The new data gives warnings", tuple(map(found_text, record.warnings))),
        Caution("The evaluation has doubts", tuple(map(found_text, doubts))),
        Caution("Accepted uploads were left out", tuple(left_out)),
    ]  # fmt: skip
    return [caution for caution in found if caution.lines]


def found_text(warning: dict[str, str]) -> str:
    """A warning about data, or a doubt about an evaluation."""
    return f"{warning['column']}: expected {warning['expected']}, found {warning['found']}"


def _facts(link: DecisionLink, record: RunRecord) -> tuple[tuple[str, str], ...]:
    rows = [("Rows uploaded", f"{record.rows:,}")] if record.rows is not None else []
    return (("Run", link.run), *rows, ("Package", record.package_arn or ""))


def choice(form: dict[str, str]) -> tuple[Choice, str, str]:
    """What a form says, what is wrong with it in a sentence ("" for nothing), and which field that is."""
    decision, who, reason = (form.get(name, "").strip() for name in ("decision", "who", "reason"))
    made = Choice(decision == "approve", reason, who)
    if decision not in ("approve", "reject"):
        return made, "Say whether you approve or reject it.", "decision"
    if not who or len(who) > LONGEST_NAME:
        return made, f"Say who you are, in at most {LONGEST_NAME} characters.", "who"
    if len(reason) > LONGEST_REASON:
        return made, f"Give a reason of at most {LONGEST_REASON} characters.", "reason"
    if decision == "reject" and not reason:
        return made, "Give a reason: whoever trains the next version learns from it.", "reason"
    return made, "", ""
