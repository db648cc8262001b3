"""Reviewers of whom several have to say yes: each has a name in the registry, and links of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from app.decide.approval.ballots import ReviewRule, is_same_person
from app.ledger import ledger

from tests.torture.fakes.resources import STACK, arn

if TYPE_CHECKING:
    from tests.torture.simulated_account import Account

REVIEWED = "loans"  # the model that needs them
REVIEWERS, NEEDED = ("ada@example.com", "grace@example.com", "alan@example.com"), 2
NAMES = ("ada", "grace", "alan", "mallory")  # as the registry knows whoever sets a status
LINK = re.compile(r"https://\S+/decide/\S+")
SAMPLE = json.loads((Path(__file__).parents[2] / "events" / "show_page.json").read_text())


class Yes(NamedTuple):
    """A yes of a reviewer, and whether the page said that it was taken."""

    reviewer: str
    version: int
    taken: bool


def subscriptions(topic_arn: str) -> list[dict[str, str]]:
    """Each reviewer is subscribed to what they alone are asked, and somebody to the news."""
    listed = REVIEWERS if topic_arn.endswith("reviewers") else REVIEWERS[:1]
    return [
        {"SubscriptionArn": f"{topic_arn}:{one}", "Protocol": "email", "Endpoint": one, "TopicArn": topic_arn}
        for one in listed
    ]


def subscription(subscription_arn: str) -> dict[str, str]:
    """The attributes of a reviewer's subscription."""
    address = subscription_arn.rpartition(":")[2]
    return {"Endpoint": address, "FilterPolicy": json.dumps({"reviewer": [address]})}


def answer_link(account: Account, reviewer: str, link: str, approve: bool, reason: str) -> bool:
    """Send the form of a link's page; whether the page said that the decision was taken."""
    event: dict[str, Any] = json.loads(json.dumps(SAMPLE))
    event["rawPath"] = urlsplit(link).path
    event["requestContext"]["http"] |= {"method": "POST", "path": event["rawPath"]}
    event["headers"] = {
        "host": "page.test", "sec-fetch-site": "same-origin", "origin": "null",
        "content-type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    form = {"who": reviewer, "reason": reason, "decision": "approve" if approve else "reject"}
    event |= {"body": urlencode(form), "isBase64Encoded": False}
    answered, error, _ = account.functions.invoke("ShowPageFunction", event)
    return not error and bool(answered["statusCode"] == 303)


def approvals(account: Account) -> Iterator[str]:
    """A version that is approved has as many yeses as it needs, and as many that were taken approve it."""
    for package in account.registry.of_group(f"{STACK}--{REVIEWED}"):
        version, name = package["ModelPackageVersion"], package["ModelPackageArn"]
        run = ledger().run_of_version(REVIEWED, version)
        record = ledger().record(run) if run else None
        if record is None or not ReviewRule.of(REVIEWED, record.plan).counts:  # as it was published at its time
            continue
        said = {yes.reviewer for yes in account.yeses if yes.version == version}
        taken = {yes.reviewer for yes in account.yeses if yes.version == version and yes.taken}
        approved = package["ModelApprovalStatus"] == "Approved"
        if approved and len(said) < NEEDED:
            yield f"too few reviewers approve a version: {REVIEWED} version {version}, {sorted(said)}"
        if not approved and len(taken) >= NEEDED and name not in account.rejected:
            yield f"a reviewer's yes is lost: {REVIEWED} version {version} is not approved by {sorted(taken)}"


def reviewer_named(name: str) -> str:
    """The reviewer whom the registry's name means; "" for nobody."""
    return next((one for one in REVIEWERS if is_same_person(name, one)), "")


def version_of_model(version: int) -> str:
    """The ARN of a version."""
    return arn("model-package", f"{STACK}--{REVIEWED}/{version}")


def is_reviewed(package_arn: str) -> bool:
    """Whether a version needs several reviewers."""
    return package_arn.startswith(arn("model-package", f"{STACK}--{REVIEWED}/"))
