"""Links that decide about a version: each mail that asks for a decision brings one of its own."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from app.aws import topics
from app.decide.approval.ballots import Ballot, ReviewRule
from app.decide.approval.review_mails import asked_lines, overheard_line, overhearing, review_notice
from app.decide.names.times import iso
from app.decide.notifications import Draft
from app.decide.pages.links import SECRET_BYTES, DecisionLink, link_address, secret_hash
from app.ledger import ledger
from app.settings import Settings


class Asked(NamedTuple):
    """What those who are not asked by name are told: their link, who is asked, and whether anybody hears."""

    link: str
    lines: Sequence[str]
    heard: bool


def issue(model: str, version: int, run: str, until: datetime, settings: Settings, reviewer: str = "") -> str:
    """A new link to the page of a version; "" where the stack has no such page. The ledger keeps its secret's hash."""
    if not settings.page_url:
        return ""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    ledger().add_link(DecisionLink(model, version, run, iso(until), reviewer), secret_hash(secret))
    return link_address(settings.page_url, model, version, secret)


def ask(
    rule: ReviewRule,
    about: tuple[int, str],
    until: datetime,
    draft: Callable[[str, Sequence[str]], Draft],
    settings: Settings,
) -> Asked:
    """Ask each reviewer who may say yes and has not, with a link of their own, about a version and its run; where the
    model file names nobody, the one link is for whoever is subscribed. ``draft`` writes a mail of a link and of lines.
    Nothing is sent that would reach somebody beside the reviewer whom it is for.
    """
    version, run = about
    if not rule.reviewers:
        link = issue(rule.model, version, run, until, settings)
        return Asked(link, (), topics.has_subscribers(settings.notification_topic_arn))
    barred, ballot = rule.barred(ledger().starters(run)), _ballot(rule, version, run)
    asked = [one for one in rule.reviewers if one not in {*barred, *ballot.reviewers}]
    listeners = topics.listeners(settings.reviewers_topic_arn)
    overheard = {one: others for one in asked if (others := overhearing(listeners, one))}
    asked = [one for one in asked if one not in overheard]
    reached = {one.address for one in listeners}
    unreached = [one for one in asked if one.lower() not in reached]
    lines = asked_lines(rule, ballot, barred, unreached)
    lines += [overheard_line(reviewer, others) for reviewer, others in overheard.items()]
    for reviewer in asked:
        link = issue(rule.model, version, run, until, settings, reviewer)
        topics.publish(settings.reviewers_topic_arn, review_notice(reviewer, draft(link, lines)))
    return Asked("", lines, len(unreached) < len(asked))


def _ballot(rule: ReviewRule, version: int, run: str) -> Ballot:
    return ledger().ballot(rule.model, version, run) if rule.counts else Ballot()
