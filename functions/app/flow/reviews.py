"""Versions that several people have to approve: each yes is counted, and the last one needed is the registry's."""

from app.aws import data_bucket, model_registry, topics
from app.aws.model_registry import Package
from app.decide.approval.ballots import LINK, REGISTRY, Ballot, ReviewRule, Voice, count_text
from app.decide.approval.review_mails import not_yet_notice
from app.decide.approval_rules import LONGEST_DESCRIPTION, DecisionMade
from app.decide.names.shown_text import shown
from app.decide.names.statuses import Approval
from app.decide.protection.bound_plans import bound_plan, describe_binding
from app.decide.records import RunRecord
from app.errors import AccessDenied, NotCounted, UnknownModel
from app.ledger import ledger
from app.settings import Settings


def rule_of(model: str, record: RunRecord | None) -> ReviewRule:
    """Whose yes the version of a run needs."""
    return ReviewRule.of(model, record.plan if record else None)


def bound(model: str, version: int, run: str, settings: Settings) -> RunRecord | None:
    """The record of a version's run, its plan bound by what is published now as long as nobody has approved the
    version: whose yes it needs may have changed since it was planned.
    """
    record = ledger().record(run) if run else None
    if record is None or record.plan is None or _is_approved(version, record):
        return record
    try:
        current = data_bucket.published(settings.data_bucket, model)
    except (UnknownModel, AccessDenied):  # who may not list the bucket is told 403 of a model that is not published
        current = None
    plan = bound_plan(record.plan, current)
    if plan == record.plan or _enough_said_yes(model, version, record):
        return record
    rule = ReviewRule.of(model, plan)
    if rule.counts:  # first: who dies in between does both again
        barred = rule.barred(ledger().starters(run)) if rule.not_starter else ()
        may = set(rule.reviewers) - set(barred)
        ledger().change_ballot(model, version, run, lambda before: before.under(may, rule.needed))
    ledger().update_run(run, describe_binding(model, record.plan, plan), plan=plan)
    return record._replace(plan=plan)


def _is_approved(version: int, record: RunRecord) -> bool:
    """Whether somebody approved the run's version, and not an older one of that number, whose registry is gone."""
    last = ledger().last_decision(record.model, version)
    begun = record.timeline[0]["at"] if record.timeline else ""
    return last is not None and last.status == Approval.APPROVED and (not last.at or last.at >= begun)


def _enough_said_yes(model: str, version: int, record: RunRecord) -> bool:
    """Whether as many reviewers did as had to, and the registry has not heard it yet."""
    counts = rule_of(model, record).counts
    return counts and ledger().ballot(model, version, record.id).outcome == Approval.APPROVED


def stands(model: str, version: int, run: str) -> bool:
    """Whether a version that the registry approves may serve: as many reviewers said yes as its run's plan names."""
    if not rule_of(model, ledger().record(run)).counts:
        return True
    return ledger().ballot(model, version, run).outcome == Approval.APPROVED


def seen(model: str, package: Package, run: str) -> Package:
    """A package as it counts now, where whoever hears of its approval has not counted that yet: it still waits."""
    early = package.status is Approval.APPROVED and not stands(model, package.version, run)
    return package._replace(status=Approval.PENDING) if early else package


def cast(decision: DecisionMade, at: str, package: Package, reviewer: str, settings: Settings) -> DecisionMade | None:
    """Count a decision that came by a link or a message; what the registry is to hear, None while more have to say yes.

    A no needs nobody else. ``reviewer`` is whose link it came by; "" is a message, and of whom that is nobody knows.

    Raises:
        NotCounted: it is no yes that counts.
    """
    run = ledger().run_of_version(decision.model, decision.version)
    record = bound(decision.model, decision.version, run, settings)
    rule = rule_of(decision.model, record)
    if decision.approve and reviewer and rule.reviewers:
        rule.reviewer(reviewer, ())  # a link outlives the model file that named whom it was for
    if record is None or not rule.counts:
        return decision
    if decision.approve and package.status is Approval.REJECTED:
        raise NotCounted(f"version {decision.version} was rejected; approve it in the registry if that is to change")
    if decision.approve and not reviewer:
        raise NotCounted(
            f"it takes a yes of {rule.needed} of {', '.join(rule.reviewers)}, and nobody proves who sends a message; "
            f"approve by the link of your own mail, or in the registry"
        )
    voter = rule.reviewer(reviewer, ledger().starters(run)) if decision.approve else reviewer or decision.by
    voice = Voice(voter, decision.approve, decision.reason, decision.by, LINK, at)
    ballot = _change(decision.model, decision.version, run, voice, rule)
    if not decision.approve:
        return decision
    if ballot.outcome == Approval.REJECTED:
        raise NotCounted(f"another reviewer said no to version {decision.version}")
    if not ballot.outcome:
        return None
    return decision._replace(reason=ballot.reasons, by=", ".join(ballot.reviewers))


def _change(model: str, version: int, run: str, voice: Voice, rule: ReviewRule) -> Ballot:
    ballot = ledger().change_ballot(model, version, run, lambda before: before.said(voice, rule.needed))
    if voice.approve and not ballot.outcome:
        ledger().append_timeline(run, count_text(ballot, rule))
    return ballot


def counted(model: str, package: Package, settings: Settings) -> Package:
    """A package with the status that counts: an approval that somebody set in the registry itself is one reviewer's
    yes, by the name that IAM has for them, and the package waits again where it is not the last one needed.
    """
    run = ledger().run_of_version(model, package.version)
    record = bound(model, package.version, run, settings)
    rule = rule_of(model, record)
    if record is None or not rule.counts:
        return package
    if package.status is Approval.REJECTED:
        ledger().change_ballot(model, package.version, run, lambda before: before.rejected())
        return package
    ballot = ledger().ballot(model, package.version, run)
    if ballot.outcome and not ballot.heard:
        return _enforce(model, package, run, ballot)
    if package.status is Approval.PENDING or ballot.outcome == Approval.APPROVED:
        return package
    return _count_approval(model, package, run, rule, settings)


def _enforce(model: str, package: Package, run: str, ballot: Ballot) -> Package:
    """Have the registry say what a ballot came to: who spoke last may have died, or was overtaken by a set-back."""
    outcome, message = Approval(ballot.outcome), ledger().heard_message(model, package.version)
    if package.status is not outcome:
        why = message.description if message and message.status == outcome else ballot.reasons
        package = _set(package, outcome, why)
    ledger().change_ballot(model, package.version, run, lambda before: before.heard_by_registry())
    return package


def _count_approval(model: str, package: Package, run: str, rule: ReviewRule, settings: Settings) -> Package:
    """Count an approval that was set in the registry. While that is done the last yes may come by a link: of the two
    whoever sets the registry last has seen the other.
    """
    about = (model, package.version, run)
    try:
        reviewer = rule.reviewer(package.by, ledger().starters(run))
        voice = Voice(reviewer, True, package.reason, package.by, REGISTRY, package.changed_at)
        ballot = ledger().change_ballot(*about, lambda before: before.set_in_registry(voice, rule.needed))
    except NotCounted as error:
        why = str(error)
    else:
        if ballot.outcome == Approval.APPROVED:
            return _enforce(model, package, run, ballot)
        why = count_text(ballot, rule)
    topics.publish(settings.notification_topic_arn, not_yet_notice(rule, run, package.version, package.changed_at, why))
    ledger().append_timeline(run, why)
    waits, since = _set(package, Approval.PENDING, why), ledger().ballot(*about)
    return _enforce(model, waits, run, since) if since.outcome == Approval.APPROVED else waits


def _set(package: Package, status: Approval, why: str) -> Package:
    text = shown(why, LONGEST_DESCRIPTION)
    model_registry.set_approval(package.arn, status, text)
    return package._replace(status=status, reason=text)
