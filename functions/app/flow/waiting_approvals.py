"""Versions that wait for a person: a newer one supersedes them, reviewers are reminded, a deleted one ends its run."""

from datetime import timedelta

from app.aws import state_machine, topics
from app.decide.approval.ballots import ReviewRule
from app.decide.approval_rules import REMINDED, asked_anew, reminder, reminder_due, time_passed, undecided_output
from app.decide.messages import RunTask
from app.decide.names.statuses import Approval, RunStatus
from app.decide.names.times import from_iso, iso
from app.decide.notifications import reminder_draft, reminder_notice
from app.decide.records import RunRecord
from app.flow import decision_links
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


def supersede(task: RunTask) -> bool:
    """End the runs whose older versions wait, as ``task``'s waits now; True where a newer one waits already, so that
    this run itself is ended. A version that was superseded can still be approved.
    """
    waiting = [record for record in _waiting(task.model) if record.id != task.run]
    newer = max((record.version or 0 for record in waiting), default=0)
    if newer > task.version:
        return _supersede(ledger().record(task.run), task.version, newer)
    for record in waiting:
        _supersede(record, record.version or 0, task.version)
    return False


def _waiting(model: str) -> list[RunRecord]:
    """The model's runs that wait for a person."""
    runs = [execution.run for execution in ledger().open_executions() if execution.task.get("model") == model]
    records = filter(None, map(ledger().record, dict.fromkeys(runs)))
    return [record for record in records if record.status is RunStatus.AWAITING_APPROVAL and record.package_arn]


def _supersede(record: RunRecord | None, version: int, newer: int) -> bool:
    why = f"version {newer} waits for a decision now; version {version} can be approved all the same"
    return record is not None and _end(record, why, superseded=True)


def _end(record: RunRecord, why: str, *, superseded: bool) -> bool:
    """Answer a waiting run, unless a decision did; whether it was answered."""
    token = ledger().claim_approval(record.package_arn or "", why)
    if token:
        ledger().append_timeline(record.id, why)
        state_machine.succeed(token, undecided_output(why, superseded=superseded))
    return bool(token)


def end_claimed(package: str) -> bool:
    """Answer a run that was to be ended undecided, as whoever claimed its token may have died before it answered;
    whether there is one.
    """
    token, why = ledger().approval_claim(package)
    if not token or not why or why in set(Approval):
        return False
    state_machine.succeed(token, undecided_output(why, superseded=True))
    return True


def end_deleted(model: str, version: int) -> str:
    """End the run that waits for a decision about a version that the registry does not have any more."""
    run = ledger().run_of_version(model, version)
    record = ledger().record(run) if run else None
    if record is None or record.status is not RunStatus.AWAITING_APPROVAL:
        return "ignored"
    why = f"version {version} was deleted from the registry while it waited for a decision"
    return "deleted" if _end(record, why, superseded=False) else "known"


def remind(model: str, version: int, settings: Settings) -> str:
    """Remind those who have not answered of a version that waits, after half and nine tenths of the time, and when it
    asks others than it did, as its model was published anew.
    """
    run = ledger().run_of_version(model, version)
    record = ledger().record(run) if run else None
    if record is None or record.status is not RunStatus.AWAITING_APPROVAL:
        return "ignored"
    deadline_s = int((record.plan or {}).get("deadline_s", 0))
    share, anew = reminder_due(record.timeline, deadline_s, now()), asked_anew(record.timeline)
    if not share and not anew:
        return "waits"
    asked = next(entry["at"] for entry in reversed(record.timeline) if entry["what"] == "approval requested")
    expires = from_iso(asked) + timedelta(seconds=deadline_s)
    about = (model, run, version, anew or time_passed(share), iso(expires))
    told = decision_links.ask(
        ReviewRule.of(model, record.plan), (version, run), expires,
        lambda link, lines: reminder_draft(*about, link, lines), settings,
    )  # fmt: skip
    topics.publish(settings.notification_topic_arn, reminder_notice(*about, told.link, told.lines))
    ledger().append_timeline(run, f"{REMINDED}{anew}" if anew else reminder(share))
    return "reminded"
