"""The page behind a link: it shows the question and takes the answer. To show it changes nothing, however often."""

from typing import NamedTuple

from app.aws import model_registry
from app.aws.model_registry import Package
from app.decide.approval.ballots import count_text
from app.decide.approval.review_mails import asked_lines
from app.decide.approval_rules import DecisionMade, TopicMessage, approval_output, decider
from app.decide.names.resource_names import resource_name
from app.decide.names.statuses import Approval
from app.decide.names.times import iso
from app.decide.pages import answers, endings
from app.decide.pages.answers import Answer
from app.decide.pages.endings import Ending, ending, not_counted, yes_counted
from app.decide.pages.links import DecisionLink, Vote, secret_hash
from app.decide.pages.questions import Choice, choice, question
from app.decide.pages.web_requests import PageRequested
from app.decide.records import RunRecord
from app.errors import NotCounted, Outdated, UnknownVersion
from app.flow import approvals, reviews
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

READS, SENDS = ("GET", "HEAD"), "POST"
NOTHING_SAID = {"who": "", "reason": ""}


class Asked(NamedTuple):
    """What a link's question is about, as things are now."""

    link: DecisionLink
    record: RunRecord | None
    package: Package | None


def answer(asked: PageRequested, settings: Settings) -> Answer:
    """Answer a browser that follows a link of a mail, or anybody else."""
    if asked.method not in (*READS, SENDS):
        return answers.said(endings.NOT_ASKED)._replace(allowed="GET, HEAD, POST")
    if asked.method == SENDS and asked.foreign:
        return answers.said(endings.FOREIGN)
    hashed = secret_hash(asked.secret)
    link = ledger().link(asked.model, asked.version, hashed) if asked.secret else None
    if link is None:
        return answers.said(endings.UNKNOWN)
    about = _about(link, settings)
    closed = ending(link, about.record, about.package.status if about.package else None, _who(about), now())
    closed = closed or _own_yes(about)
    if closed or about.record is None or about.package is None:
        return answers.said(closed or endings.UNKNOWN)
    if asked.method in READS:
        return _question(link, about.record, 200, "shown")
    if asked.form is None:
        return answers.said(endings.UNREADABLE)
    made, problem, wrong = choice(asked.form)
    if problem:
        return _question(link, about.record, 400, f"incomplete: {wrong}", asked.form, problem, wrong)
    return _decide(asked, link, made, about.package, hashed, settings)


def _about(link: DecisionLink, settings: Settings) -> Asked:
    record = ledger().record(link.run)
    arn = (record.package_arn if record else "") or ""
    group = f":model-package/{resource_name(settings.stack, link.model)}/"
    try:
        package = reviews.seen(link.model, model_registry.package(arn), link.run) if group in arn else None
    except UnknownVersion:
        package = None
    return Asked(link, record, package)


def _who(about: Asked) -> str:
    """Who decided what, and why; "" where nobody has."""
    package, link = about.package, about.link
    if package is None or package.status is Approval.PENDING:
        return ""
    by, reason = decider(package.by, package.reason, ledger().heard_message(link.model, link.version), package.status)
    return str(approval_output(package.status, by, reason)["reasons"][0])


def _decide(
    asked: PageRequested, link: DecisionLink, made: Choice, package: Package, hashed: str, settings: Settings
) -> Answer:
    """Pass a decision on to the registry, once; the browser then reads what became of it."""
    at = iso(now())
    if not ledger().vote(link, Vote(made.approve, made.reason, made.by, at)):
        return answers.said(endings.DECIDED_OTHERWISE)
    decision = DecisionMade(link.model, link.version, made.approve, made.reason, _name(made.by, link.reviewer))
    try:
        approvals.follow(decision, TopicMessage(f"page/{hashed[:32]}", at, ""), package, settings, link.reviewer)
    except Outdated:
        return answers.said(endings.DECIDED_OTHERWISE)
    except NotCounted as error:
        return answers.said(not_counted(link, str(error)))
    ledger().finish_vote(link)
    return Answer(303, "approved" if made.approve else "rejected", location=asked.path)


def _own_yes(about: Asked) -> Ending | None:
    """What a link says whose reviewer said yes, while others have to; None where they have not."""
    link, rule = about.link, reviews.rule_of(about.link.model, about.record)
    if not rule.counts or not link.reviewer:
        return None
    ballot = ledger().ballot(link.model, link.version, link.run)
    return yes_counted(link, count_text(ballot, rule)) if link.reviewer in ballot.reviewers else None


def _name(typed: str, reviewer: str) -> str:
    """Who decided: the name that was typed, and whose mail had the link."""
    return typed if not reviewer or typed == reviewer else f"{typed} ({reviewer})"


def _question(
    link: DecisionLink,
    record: RunRecord,
    status: int,
    outcome: str,
    given: dict[str, str] | None = None,
    problem: str = "",
    wrong: str = "",
) -> Answer:
    live = ledger().live_version(link.model)
    rule = reviews.rule_of(link.model, record)
    so_far = asked_lines(rule, ledger().ballot(link.model, link.version, link.run), (), ()) if rule.counts else []
    asked = question(link, record, live.version if live else None, " ".join(so_far))
    kept = NOTHING_SAID | (given or {"who": link.reviewer})
    return answers.page(status, outcome, "decision.html", question=asked, given=kept, problem=problem, wrong=wrong)
