"""Approval: decisions that come as messages, who decided, the desired version, and the outputs of the states that wait
for a decision or a deployment. Pure.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.decide.names.resource_names import is_model_name
from app.decide.names.shown_text import shown
from app.decide.names.statuses import Approval
from app.decide.names.times import from_iso, iso
from app.decide.parsing import NOTIFICATION, message, strict

REMINDERS = (("nine tenths", 0.9), ("half", 0.5))  # of a reviewer's time: who has not decided by then is reminded
REMINDED, ASKED_ANEW = "reviewer reminded: ", "published anew: "  # how entries of a run's timeline begin
LONGEST_DESCRIPTION = 1024  # characters
LONGEST_NAME = 100


class TopicMessage(NamedTuple):
    """A message of the decision topic, as SNS delivers it: at least once, and in any order."""

    id: str
    sent_at: str  # ISO
    text: str


@strict
def sns_messages(event: dict[str, Any]) -> list[TopicMessage]:
    """The messages of an SNS event.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
    """
    found = [record["Sns"] for record in event["Records"]]
    return [TopicMessage(str(one["MessageId"]), iso(from_iso(one["Timestamp"])), str(one["Message"])) for one in found]


class DecisionMade(NamedTuple):
    """A person, or a system on their behalf, decided about a version by a message on the decision topic."""

    model: str
    version: int
    approve: bool
    reason: str
    by: str  # claimed by the sender, not proven

    @staticmethod
    @message(NOTIFICATION)
    def parse(document: dict[str, Any]) -> "DecisionMade":
        """From the text of one message: ``{"model", "version", "decision": "approve"|"reject", "reason", "by"}``."""
        if document["decision"] not in ("approve", "reject"):
            raise ValueError(f"decision is {document['decision']!r}; say 'approve' or 'reject'")
        if not str(document["version"]).isdecimal():  # 1.7 or true would be rounded to another version
            raise ValueError(f"version is {document['version']!r}; say a whole number")
        if not is_model_name(str(document["model"])):
            raise ValueError(f"model is {document['model']!r}; say the name of one")
        return DecisionMade(
            model=str(document["model"]),
            version=int(document["version"]),
            approve=document["decision"] == "approve",
            reason=str(document.get("reason", "")),
            by=str(document.get("by", "")),
        )

    @property
    def status(self) -> Approval:
        """What the version becomes."""
        return Approval.APPROVED if self.approve else Approval.REJECTED

    @property
    def description(self) -> str:
        """The reason for the registry, which takes one printable line, with who claims to have sent it.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
        """
        sender = f" (sent by {shown(self.by, LONGEST_NAME)}, not proven)" if self.by else ""
        return f"{shown(self.reason, LONGEST_DESCRIPTION - len(sender))}{sender}".strip()


class HeardMessage(NamedTuple):
    """The last message of the decision topic that was passed on to the registry, of one version."""

    id: str
    sent_at: str  # ISO
    status: str
    description: str  # as the registry has it
    reason: str
    by: str  # claimed
    followed_at: str = ""  # ISO, as the registry has it; "" where whoever followed it may have died

    def caused(self, status: Approval, description: str) -> bool:
        """Whether it is what the registry says now."""
        return (self.status, self.description) == (str(status), description)


class LastDecision(NamedTuple):
    """The last decision of the registry that was acted upon, of one version."""

    status: str
    at: str  # ISO; "" where an earlier release wrote it
    why: str | None = None  # as the registry had it; None where an earlier release wrote it
    sequence: int = 0  # among the model's
    told: bool = False  # people know that what it rejected serves on

    @staticmethod
    def of(item: Mapping[str, Any]) -> "LastDecision":
        """From the ledger's record."""
        sequence = int(item.get("sequence", 0))
        told = item.get("told") == sequence
        return LastDecision(str(item["decision"]), str(item.get("at", "")), item.get("why"), sequence, told)

    def is_followed(self, at: str, why: str) -> bool:
        """Whether the same status was decided anew since: ``at`` the package's last change (ISO) it has another reason.

        An edit of metadata gives none, and of a status that is set again without one nobody knows.
        """
        return self.why is not None and why not in ("", self.why) and at > self.at


def decided_at(
    status: Approval,
    description: str,
    changed_at: str,
    last: LastDecision | None,
    heard: HeardMessage | None,
    confirmed: LastDecision | None = None,
) -> str:
    """When it was decided what the registry says of a version now (ISO); "" where nobody has decided.

    A message counts from when it was sent, also one that says again what was decided: it ``confirmed`` that. Any other
    change counts from ``changed_at``: of an edit, and of a decision that somebody makes again, the registry tells no
    more than that, and to be told to send a message again is better than to be overruled by an older one.
    """
    again = confirmed.at if confirmed and confirmed.status == str(status) else ""
    if heard and heard.caused(status, description) and changed_at <= heard.followed_at:
        return max(again, heard.sent_at)
    undecided = status is Approval.PENDING and last is None
    return again if undecided else max(again, changed_at)


def decider(by: str, reason: str, heard: HeardMessage | None, status: Approval) -> tuple[str, str]:
    """Who decided, and why: the person whom a message names, beside the principal that IAM knows; else that one."""
    if heard is None or not heard.caused(status, reason):
        return by, reason
    return f"{shown(heard.by, LONGEST_NAME) or 'somebody'}, not proven (IAM knows {by or 'nobody'})", heard.reason


def newest_eligible(approved: list[int], failed: set[int]) -> int | None:
    """The desired version: the newest approved one that has not failed."""
    return max((version for version in approved if version not in failed), default=None)


def superseded_output(version: int, desired: int | None) -> dict[str, Any]:
    """The output of the state ``Deploy version`` where another version is the desired one."""
    why = f"version {desired} is the one to serve" if desired else "it is not approved any more"
    return {"in_service": False, "reasons": [f"version {version} is superseded: {why}"]}


def approval_output(status: Approval, by: str, reason: str) -> dict[str, Any]:
    """The output of the state ``Request approval`` for a decision: who made it, "" where nobody knows, and why."""
    who = ("approved" if status is Approval.APPROVED else "rejected") + (f" by {by}" if by else "")
    reasons = [who + (f": {reason}" if reason else "")]
    return {"approved": status is Approval.APPROVED, "superseded": False, "who": who, "reasons": reasons}


def undecided_output(reason: str, *, superseded: bool) -> dict[str, Any]:
    """The output of the state ``Request approval`` where nobody needs to decide any more."""
    return {"approved": False, "superseded": superseded, "who": reason, "reasons": [reason]}


def asked_at(timeline: list[dict[str, str]]) -> datetime | None:
    """When reviewers were asked last, by a run's timeline; None: they were not."""
    return next((from_iso(entry["at"]) for entry in reversed(timeline) if entry["what"] == "approval requested"), None)


def reminder_due(timeline: list[dict[str, str]], deadline_s: int, now: datetime) -> str:
    """The share of a reviewer's time that has passed, in words, where it is time to remind them of it; else ""."""
    asked, told = asked_at(timeline), {entry["what"] for entry in timeline}
    for words, share in REMINDERS:
        if asked and now - asked >= share * timedelta(seconds=deadline_s):
            return "" if reminder(words) in told else words
    return ""


def next_reminder(asked: datetime, deadline_s: int, now: datetime) -> datetime | None:
    """When a reviewer is to be reminded next, after ``now``; the end of their time is the last. None: not again."""
    times = (asked + share * timedelta(seconds=deadline_s) for share in (*sorted(share for _, share in REMINDERS), 1))
    return next((at for at in times if at > now), None)


def asked_anew(timeline: list[dict[str, str]]) -> str:
    """What a version asks since its model was published anew, where whoever is asked has not heard of it; else ""."""
    for entry in reversed(timeline):
        if entry["what"].startswith(ASKED_ANEW):
            return entry["what"]
        if entry["what"] == "approval requested" or entry["what"].startswith(REMINDED):
            return ""
    return ""


def reminder(share: str) -> str:
    """What a run's timeline says of a reminder."""
    return f"{REMINDED}{time_passed(share)}"


def time_passed(share: str) -> str:
    """Why a reviewer is reminded after a share of their time."""
    return f"{share} of the time has passed"
