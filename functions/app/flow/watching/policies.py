"""A model's policy at work: what is let begin, what is held back, and who is told."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from app.aws import data_bucket, topics
from app.decide.messages import WINDOWS, RunRequested
from app.decide.names.hashes import digest
from app.decide.names.resource_names import begun_at
from app.decide.records import RunRecord
from app.decide.uploads.published_model import Model
from app.decide.watching.breaches import Expected
from app.decide.watching.history import expected_of, measuring_usd, past_run, past_runs, span
from app.decide.watching.notices import held_back_notice, uncounted_notice
from app.decide.watching.policy import Cause, Decision, Hold, decide
from app.decide.watching.policy_file import Policy
from app.decide.watching.windows import WatchedWindow
from app.flow import requested_runs
from app.flow.watching import captured
from app.ledger import ledger
from app.ledger.batches import now, retry_on_contention
from app.settings import Settings

UNCOUNTED = "uncounted"


class Considered(NamedTuple):
    """What became of a trigger: the run that it began or joined, or what held one back."""

    decision: Decision
    run: str = ""
    joined: bool = False
    looked: captured.Looked = captured.Looked()


def admit(run: str, model: Model) -> Decision:
    """Let a run that is about to work begin, or hold it back, by its model's policy. Idempotent for a run that is in.

    Raises:
        Contended: others were let in all the time.
    """
    policy, record = Policy.parse(model.retrain), ledger().record(run)
    began = dict(record.cause) if record else {}
    if not model.retrain:
        return Decision(Cause(began.get("kind", Cause.UPLOADS)), tuple(began.get("evidence", ())))
    trigger = _trigger(began)

    def attempt() -> Decision | None:
        admitted = ledger().admitted(model.name)
        decision = _decide(policy, model.name, trigger, run)
        if run in admitted.runs:
            return decision._replace(hold=None, reason="")
        if decision.starts and not ledger().admit(model.name, run, now(), admitted):
            return None
        return decision

    decided: Decision = retry_on_contention(attempt)
    return decided


def consider(request: RunRequested, settings: Settings) -> Considered:
    """Begin the run that a schedule or a window asks for, if the policy lets it; otherwise people are told why not. Of
    windows those of captured requests are made first, of what is new.

    Raises:
        UnknownModel: no such model is published.
    """
    model = data_bucket.published(settings.data_bucket, request.model)
    looked = captured.look(model, settings) if request.trigger == WINDOWS else captured.Looked()
    _tell_uncounted(model.name, looked, settings)
    policy, trigger = Policy.parse(model.retrain), Cause.SCHEDULE if request.trigger == Cause.SCHEDULE else None
    decision = _decide(policy, model.name, trigger, "")
    if decision.starts:
        cause = {"kind": str(decision.cause), "evidence": list(decision.evidence)}
        membership = requested_runs.request_run(request._replace(cause=cause), settings)
        return Considered(decision, membership.run, not membership.started_batch, looked)
    if trigger or decision.hold is not Hold.NOT_DUE:
        _tell(request, decision, settings)
    return Considered(decision, looked=looked)


def _decide(policy: Policy, model: str, trigger: Cause | None, run: str) -> Decision:
    """What the policy says now; everything that it needs is read anew."""
    admitted, records = ledger().admitted(model).runs, list(_records(policy, model))
    runs = past_runs(records, admitted, but=run)
    windows, spent = _windows(policy, model), measuring_usd(records, now())
    serves = ledger().live_version(model) is not None
    return decide(policy, trigger, windows, runs, now(), _expected(model, windows), serves=serves, measured_usd=spent)


def _records(policy: Policy, model: str) -> Iterator[RunRecord]:
    """The newest runs, as far back as the policy looks, and at least one that began to work."""
    since, began = now() - span(policy), False
    for record in ledger().newest_runs(model):
        if began and begun_at(record.id) < since:
            return
        yield record
        began = began or past_run(record) is not None


def _windows(policy: Policy, model: str) -> list[WatchedWindow]:
    kinds = [kind for kind, rule in (("quality", policy.on_quality), ("drift", policy.on_drift)) if rule]
    return [one for kind in kinds for one in ledger().newest_windows(model, kind, 4 * policy.looks_at_windows)]


def _expected(model: str, windows: list[WatchedWindow]) -> Expected | None:
    """What was measured of the version that answered last, when it was evaluated."""
    newest = max((one for one in windows if one.kind == "quality"), key=lambda one: one.end, default=None)
    if newest is None:
        return None
    run = ledger().run_of_version(model, newest.version)
    return expected_of(newest.version, ledger().record(run) if run else None)


def _trigger(began: dict[str, Any]) -> Cause | None:
    """What asks for a run, by what its record says of its beginning; None: windows."""
    kind = Cause(began.get("kind", Cause.UPLOADS))
    return None if kind in (Cause.QUALITY, Cause.DRIFT) else kind


def _tell_uncounted(model: str, looked: captured.Looked, settings: Settings) -> None:
    """Tell people, once a day, that captured requests were not counted which are none of the model, or of another time.
    What is left out of busy minutes is no news: it is how they are counted.
    """
    what = f"{now():%Y-%m-%d}"
    if not (looked.unread or looked.later) or ledger().was_told(model, what, UNCOUNTED):
        return
    topics.publish(settings.notification_topic_arn, uncounted_notice(model, looked.unread, looked.later, what))
    ledger().mark_told(model, what, UNCOUNTED)


def _tell(request: RunRequested, decision: Decision, settings: Settings) -> None:
    """Tell people what was held back: of a schedule each time, of windows once until another thing is to be told."""
    newest = max(ledger().admitted(request.model).runs, default="")
    what = request.id if request.trigger == Cause.SCHEDULE else digest(newest, str(decision.hold), str(decision.cause))
    if ledger().was_told(request.model, what):
        return
    topics.publish(settings.notification_topic_arn, held_back_notice(request.model, decision, what))
    ledger().mark_told(request.model, what)
