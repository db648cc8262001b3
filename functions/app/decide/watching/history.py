"""The runs of a model as its policy counts them: those that began to work, with what they cost. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from app.decide.costs.months import month_of
from app.decide.names.times import from_iso
from app.decide.records import RunRecord
from app.decide.watching.breaches import Expected
from app.decide.watching.policy import PastRun
from app.decide.watching.policy_file import Policy

MEASURES = "what serves is asked about new rows"  # the timeline's entry of a plan that does no more
PLANNED = "batch closed"  # the timeline's entry of a run that began to work
MONTH = timedelta(days=31)
LATE = timedelta(days=10)  # that a run may wait to be planned: its id says when its first upload came


def span(policy: Policy) -> timedelta:
    """How far back a policy has to look."""
    days = timedelta(days=policy.at_most.days) if policy.at_most else timedelta()
    cooldown = policy.cooldown.span if policy.cooldown else timedelta()
    return max(days, cooldown, MONTH) + LATE


def past_run(record: RunRecord) -> PastRun | None:
    """A run that has a plan, as the policy counts it; None: it never began to work."""
    began = next((entry["at"] for entry in record.timeline if entry["what"] == PLANNED), None)
    if record.plan is None or began is None or record.plan.get("measuring"):
        return None
    usd, unpriced = record.cost.get("usd"), record.cost.get("unpriced", ())
    return PastRun(record.id, from_iso(began), None if usd is None else float(usd), tuple(unpriced))


def past_runs(records: Iterable[RunRecord], admitted: Mapping[str, datetime], but: str = "") -> list[PastRun]:
    """All runs that count, without the one ``but`` for: those with a plan, and those that were just let in."""
    counted = {run.run: run for record in records if (run := past_run(record)) is not None}
    counted |= {run: PastRun(run, at) for run, at in admitted.items() if run not in counted}
    return [run for name, run in counted.items() if name != but]


def measuring_usd(records: Iterable[RunRecord], now: datetime) -> float:
    """What asking what serves cost this month, in runs that then did not begin to work: dollars."""
    held = (record for record in records if past_run(record) is None)
    at = ((record, entry["at"]) for record in held for entry in record.timeline if entry["what"] == MEASURES)
    return sum(float(one.cost.get("usd") or 0) for one, when in at if month_of(from_iso(when)) == month_of(now))


def expected_of(version: int, record: RunRecord | None) -> Expected | None:
    """What the evaluation of a version measured, by the run that registered it; None where that is not known."""
    verdict = record.verdict if record else None
    if not verdict:
        return None
    details = verdict.get("metric_details", {})
    low = frozenset(name for name, facts in details.items() if facts.get("lower_is_better"))
    return Expected(version, verdict.get("metrics", {}), low)
