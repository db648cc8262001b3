"""Notices about versions that several people have to approve. Pure."""

from collections.abc import Sequence

from app.decide.approval.ballots import Ballot, ReviewRule, count_text
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


def asked_lines(rule: ReviewRule, ballot: Ballot, barred: Sequence[str], unreached: Sequence[str]) -> list[str]:
    """Who is asked and how many have said yes, for a mail; nothing where the model file names nobody."""
    if not rule.reviewers:
        return []
    return [
        f"It needs {needed_text(rule)}. So far: {count_text(ballot, rule)}.",
        *([f"Who started the run, and does not count: {', '.join(barred)}"] if barred else []),
        *([f"Not subscribed, or not confirmed, and so without a mail: {', '.join(unreached)}"] if unreached else []),
    ]


def needed_text(rule: ReviewRule) -> str:
    """How many of whom have to say yes."""
    yes = f"a yes of {rule.needed} of: {', '.join(rule.reviewers)}"
    return yes + (", and none from who started the run" if rule.not_starter else "")
