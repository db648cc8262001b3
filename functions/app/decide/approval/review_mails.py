"""Notices about versions that several people have to approve, and who hears them. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from app.decide.approval.ballots import Ballot, ReviewRule, count_text, needed_text
from app.decide.notifications import Draft, notice


@notice("counted")
def not_yet_notice(rule: ReviewRule, run: str, version: int, at: str, why: str) -> Draft:
    """A version was approved in the registry, and needs more than that; ``at`` (ISO) is when."""
    model = rule.model
    lines = [
        f"Version {version} of {model} waits on: {why}.",
        "",
        f"It was approved in the registry, and needs {needed_text(rule)}. The registry says again that it waits.",
        f"To say yes: retrain approve {model} {version} --reason '…', by a principal of a reviewer's name.",
        f"To reject, which takes one: retrain reject {model} {version} --reason '…'",
        f"Run: {run}",
    ]
    facts = {"model": model, "run": run, "version": str(version)}
    return Draft(f"{model} version {version}: waits for more reviewers", lines, facts, (run, str(version), at, why))


@notice("review")
def review_notice(reviewer: str, draft: Draft) -> Draft:
    """One reviewer is asked, or reminded, with a link of their own: subscribers of the topic filter by ``reviewer``."""
    facts = draft.attributes | {"reviewer": reviewer.lower()}
    return Draft(draft.subject, draft.lines, facts, (reviewer, draft.subject, *draft.identity))


class Listener(NamedTuple):
    """A confirmed subscription to what reviewers are asked."""

    address: str  # in lower case
    hears: frozenset[str] | None  # the reviewers whose links it gets, in lower case; None where it may be anybody's

    @staticmethod
    def of(attributes: Mapping[str, str]) -> "Listener":
        """From a subscription's attributes. A filter policy of another form than publishing's may let all through.

        Source: https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html (FilterPolicy) and
        https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering-scope.html
        """
        scope = attributes.get("FilterPolicyScope") or "MessageAttributes"
        policy = json.loads(attributes.get("FilterPolicy") or "{}")
        named = policy.get("reviewer") if isinstance(policy, dict) and scope == "MessageAttributes" else None
        plain = isinstance(named, list) and all(isinstance(one, str) for one in named)
        return Listener(attributes["Endpoint"].lower(), frozenset(named) if plain and named else None)

    def gets(self, reviewer: str) -> bool:
        """Whether a reviewer's link may reach it."""
        return self.hears is None or reviewer.lower() in self.hears


def overhearing(listeners: Iterable[Listener], reviewer: str) -> list[str]:
    """Whoever else gets what a reviewer alone is to be asked: with the link they would be that reviewer."""
    return sorted({one.address for one in listeners if one.address != reviewer.lower() and one.gets(reviewer)})


def overheard_line(reviewer: str, others: Sequence[str]) -> str:
    """Why a reviewer got no link, and what to do."""
    return (
        f"{reviewer} gets no link, as what they are asked reaches {', '.join(others)}, too: end that subscription of"
        " the reviewers' topic, or have it filter by its own address"
    )


def asked_lines(rule: ReviewRule, ballot: Ballot, barred: Sequence[str], unreached: Sequence[str]) -> list[str]:
    """Who is asked and how many have said yes, for a mail; nothing where the model file names nobody."""
    if not rule.reviewers:
        return []
    return [
        f"It needs {needed_text(rule)}. So far: {count_text(ballot, rule)}.",
        *([f"Who started the run, and does not count: {', '.join(barred)}"] if barred else []),
        *([f"Not subscribed, or not confirmed, and so without a mail: {', '.join(unreached)}"] if unreached else []),
    ]
