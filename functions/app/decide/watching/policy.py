"""The retraining policy of a model: whether a run begins now, with its evidence, or is held back, and why. Pure.

Asked in three places: when the uploads of a batch are quiet, when a schedule fires, and when a window was written. The
answer is one function of the model file's ``retrain`` section, the windows since the last run, the runs so far and now.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.decide.costs.months import month_of
from app.decide.costs.uses import money_text
from app.decide.names.times import from_iso, iso
from app.decide.watching.breaches import Expected, drift_breach, quality_breach
from app.decide.watching.policy_file import Mode, OnUpload, Policy, Windows
from app.decide.watching.windows import WatchedWindow

AHEAD = timedelta(minutes=1)  # that the clock of whoever measured may be ahead of this one


class Cause(StrEnum):
    """What begins a run, or would."""

    UPLOADS = "uploads"
    SCHEDULE = "schedule"
    QUALITY = "quality"
    DRIFT = "drift"
    REQUEST = "request"  # of a person: no policy holds it back


class Hold(StrEnum):
    """What holds a run back."""

    NOT_DUE = "not due"
    COOLDOWN = "cooldown"
    AT_MOST = "at most"
    BUDGET = "budget"
    ASK = "ask"  # nothing but a person's word


class PastRun(NamedTuple):
    """A run that began to work: when, and what its jobs cost; None where that is not known yet."""

    run: str
    began_at: datetime
    usd: float | None = None
    unpriced: tuple[str, ...] = ()  # instance types that the price table lacks


class Decision(NamedTuple):
    """Whether a run begins; if not, what holds it back, in a word and in a sentence."""

    cause: Cause
    evidence: tuple[str, ...] = ()  # why one is due
    hold: Hold | None = None
    reason: str = ""
    measure: bool = False  # what serves is asked about the uploads' new rows first, and the policy then once more

    @property
    def starts(self) -> bool:
        """Whether the run begins."""
        return self.hold is None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What people are told of a run that is held back."""
        return (self.reason, *self.evidence)


def decide(
    policy: Policy,
    trigger: Cause | None,
    windows: Sequence[WatchedWindow],
    runs: Sequence[PastRun],
    now: datetime,
    expected: Expected | None = None,
    *,
    serves: bool = True,
    measured_usd: float = 0.0,
) -> Decision:
    """Decide whether a run begins. ``trigger`` is what asks: uploads or a schedule; None: a window was written.

    ``runs`` are those that have begun, in any order; ``expected`` is what the serving version's evaluation measured.
    Where no version ``serves`` uploads are due. ``measured_usd`` is what measuring cost this month, without a run.
    """
    if trigger is Cause.REQUEST:
        return Decision(trigger)
    due = _due(policy, trigger, _since_last(windows, runs, now), expected)
    if due.hold and trigger is Cause.UPLOADS and not serves:
        due = Decision(trigger, ("new uploads, and no version serves yet",))
    if due.hold:
        unmeasured = trigger is Cause.UPLOADS and policy.on_quality is not None
        return due._replace(measure=unmeasured and not _over_budget(policy.budget, runs, now, measured_usd))
    hold, reason = _held(policy, runs, now, measured_usd)
    return due._replace(hold=hold, reason=reason) if hold else due


def _since_last(windows: Sequence[WatchedWindow], runs: Sequence[PastRun], now: datetime) -> list[WatchedWindow]:
    """The windows, newest first, that no run has answered yet, of the version that answered last. One that ends later
    than now, by more than clocks differ, says nothing: no run would answer it before its time.
    """
    last = max((run.began_at for run in runs), default=None)
    past = [window for window in windows if from_iso(window.end) <= now + AHEAD]
    fresh = [window for window in past if last is None or from_iso(window.end) > last]
    fresh.sort(key=lambda window: (window.end, window.id), reverse=True)
    return [window for window in fresh if window.version == fresh[0].version]


def _due(
    policy: Policy, trigger: Cause | None, windows: Sequence[WatchedWindow], expected: Expected | None
) -> Decision:
    evident, told = _evidence(policy, windows, expected)
    if trigger is Cause.SCHEDULE:
        return Decision(trigger, (f"its schedule: {policy.schedule.text}" if policy.schedule else "its schedule",))
    if trigger is Cause.UPLOADS and policy.on_upload is OnUpload.ALWAYS:
        return Decision(trigger, ("new uploads",))
    if evident:
        return evident
    why = f"nothing is due ({'; '.join(told) or 'the model file names neither on_quality nor on_drift'})"
    return Decision(trigger or Cause.DRIFT, (), Hold.NOT_DUE, why)


def _evidence(
    policy: Policy, windows: Sequence[WatchedWindow], expected: Expected | None
) -> tuple[Decision | None, list[str]]:
    """The first cause whose windows suffice; and of the others how many there are."""
    told: list[str] = []
    if rule := policy.on_quality:
        found_of = (one.of_metric(rule.metric) for one in windows if one.kind == "quality")
        measured = [one for one in found_of if one]
        breaches = _of_one_source(measured, rule.windows, lambda one: quality_breach(rule, one, expected))
        if found := _enough(Cause.QUALITY, rule.windows, breaches):
            return found, told
        told.append(_count("quality", rule.windows, breaches))
    if drift := policy.on_drift:
        own = [one for one in windows if one.kind == "drift"]
        breaches = _of_one_source(own, drift.windows, lambda one: drift_breach(drift, one))
        if found := _enough(Cause.DRIFT, drift.windows, breaches):
            return found, told
        told.append(_count("drift", drift.windows, breaches))
    return None, told


def _of_one_source(
    windows: Sequence[WatchedWindow], needed: Windows, breach: Callable[[WatchedWindow], str]
) -> list[str]:
    """What the newest windows of one source say, of the source that speaks most for a run: the same rows may be in a
    window of labels and in one of uploads, scored and uploaded, and are not to count twice.
    """
    sources = dict.fromkeys(window.source for window in windows)
    found = [[breach(one) for one in windows if one.source == source][: needed.of] for source in sources]
    return max(found, key=lambda breaches: sum(map(bool, breaches)), default=[])


def _enough(cause: Cause, needed: Windows, breaches: Sequence[str]) -> Decision | None:
    broken = [breach for breach in breaches if breach]
    if len(broken) < needed.least:
        return None
    return Decision(cause, (f"{len(broken)} of the last {len(breaches)} {cause} windows", *broken))


def _count(kind: str, needed: Windows, breaches: Sequence[str]) -> str:
    broken = sum(map(bool, breaches))
    return f"{broken} of {len(breaches)} {kind} windows since the last run say so, {needed} are needed"


def _held(policy: Policy, runs: Sequence[PastRun], now: datetime, measured_usd: float) -> tuple[Hold | None, str]:
    """The first limit that a run now would exceed."""
    newest = max(runs, key=lambda run: run.began_at, default=None)
    if newest and policy.cooldown and now - newest.began_at < policy.cooldown.span:
        until = iso(newest.began_at + policy.cooldown.span)
        return Hold.COOLDOWN, f"run {newest.run} began less than {policy.cooldown.text} ago: cooldown until {until}"
    if limit := policy.at_most:
        within = [run for run in runs if now - run.began_at < timedelta(days=limit.days)]
        if len(within) >= limit.runs:
            again = iso(sorted(run.began_at for run in within)[-limit.runs] + timedelta(days=limit.days))
            said = f"{len(within)} runs began within {limit.days} days, and at_most permits {limit.runs}: until {again}"
            return Hold.AT_MOST, said
    if said := _over_budget(policy.budget, runs, now, measured_usd):
        return Hold.BUDGET, said
    return (Hold.ASK, "the model file says mode: ask, so that a person starts it") if policy.mode is Mode.ASK else (
        None, "",
    )  # fmt: skip


def _over_budget(budget: float | None, runs: Sequence[PastRun], now: datetime, measured_usd: float) -> str:
    """Why another run may cost more than is left of the month's budget; "" where it does not, or there is none.

    A run may cost what the dearest so far did; so may one of which nothing is known yet.
    """
    if budget is None:
        return ""
    if unpriced := sorted({kind for run in runs for kind in run.unpriced}):
        return f"what a run costs is not known, as the price table lacks {', '.join(unpriced)}: the budget is not sure"
    next_usd = max((run.usd for run in runs if run.usd is not None), default=0.0)
    of_month = [run for run in runs if month_of(run.began_at) == month_of(now)]
    spent = measured_usd + sum(next_usd if run.usd is None else run.usd for run in of_month)
    if spent + next_usd <= budget:
        return ""
    return (
        f"{money_text(spent)} were spent in {month_of(now)}, a run costs up to {money_text(next_usd)}, and the budget"
        f" is {money_text(budget)} a month"
    )
