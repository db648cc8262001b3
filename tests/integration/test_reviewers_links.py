"""Each reviewer has a link of their own: who is asked, what a link counts for, and whom it tells nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from app.decide.names.statuses import RunStatus
from app.ledger.table import Write
from decision_pages import LINK, NO, OWN, YES, ask, send
from moto_world import TABLE, World
from test_approvals import Registry, minutes, registry_of

ADA, GRACE, KIM = "ada@example.org", "grace@example.org", "kim@example.org"
REVIEW = {"reviewers": [ADA, GRACE, KIM], "needed": 2, "not_by": "starter"}
PENDING = "PendingManualApproval"


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    with registry_of(world) as made:
        world.subscribes(ADA, GRACE, KIM)
        yield made


@pytest.fixture
def links(registry: Registry) -> dict[str, str]:
    """Who was sent which link about version 1."""
    return asked(registry)


def asked(registry: Registry, starter: str = "", **review: Any) -> dict[str, str]:
    registry.registers(1, review=REVIEW | review)
    facts = {"batch": 1, "requested_by": starter}
    registry.world.ledger.write(Write("MODEL#churn", f"RUN#{registry.run_of(1)}", set=facts))
    registry.asks(1)
    return links_in(registry.world.sent())


def links_in(sent: list[tuple[str, str]]) -> dict[str, str]:
    found = [(reviewer, LINK.findall(message)) for reviewer, message in sent]
    assert all(len(links) == 1 for _, links in found)
    assert len({reviewer for reviewer, _ in found}) == len(found)
    return {reviewer: links[0] for reviewer, links in found}


def test_each_reviewer_is_sent_a_link_of_their_own_and_all_others_none(
    registry: Registry, links: dict[str, str]
) -> None:
    (mail,) = registry.world.mail()

    assert links.keys() == {ADA, GRACE, KIM}
    assert len(set(links.values())) == 3
    assert "/decide/" not in mail
    assert f"It needs a yes of 2 of: {ADA}, {GRACE}, {KIM}, and none from who started the run. So far: 0 of 2" in mail


def test_the_last_yes_that_is_needed_is_the_registrys(registry: Registry, links: dict[str, str]) -> None:
    first = send(links[ADA], YES)
    between = (registry.status(1), registry.record(1).status, ask(links[ADA])["body"], ask(links[GRACE])["body"])
    send(links[GRACE], YES | {"who": "Grace"})
    registry.answers_somehow(1)
    registry.hears(1)

    assert first["statusCode"] == 303
    assert between[:2] == (PENDING, RunStatus.AWAITING_APPROVAL)
    assert "<h1>Your yes is counted</h1>" in between[2]
    assert f"1 of 2 yes ({ADA})" in between[2]
    assert "<form" not in between[2]
    assert f"So far: 1 of 2 yes ({ADA})." in between[3]
    assert registry.status(1) == "Approved"
    assert f"approved by {ADA}, {GRACE}, not proven" in registry.timeline(1)[-1]
    assert "Version 1 was approved" in ask(links[KIM])["body"]


def test_one_no_stops_whatever_others_said(registry: Registry, links: dict[str, str]) -> None:
    send(links[ADA], YES)
    send(links[GRACE], NO)
    registry.answers_somehow(1)
    registry.hears(1)

    assert registry.status(1) == "Rejected"
    assert [send(links[one], YES)["statusCode"] for one in (ADA, GRACE, KIM)] == [200, 200, 200]  # what was decided
    assert registry.status(1) == "Rejected"


def test_a_scanner_that_follows_every_link_decides_nothing(registry: Registry, links: dict[str, str]) -> None:
    before = registry.record(1)

    answers = [ask(link, method)["statusCode"] for link in links.values() for method in ("HEAD", "GET", "GET")]

    assert set(answers) == {200}
    assert (registry.status(1), registry.record(1)) == (PENDING, before)
    assert registry.world.ledger.ballot("churn", 1, registry.run_of(1)).yes == ()


def two_links_of_one(registry: Registry, links: dict[str, str]) -> list[dict[str, Any]]:
    registry.asked_ago(1, 0.6)
    registry.hears(1)
    return [send(links[ADA], YES), send(links_in(registry.world.sent())[ADA], YES)]


ALONE: dict[str, Callable[[Registry, dict[str, str]], Any]] = {
    "a yes again": lambda _, links: [send(links[ADA], YES), send(links[ADA], YES)],
    "a yes under another name": lambda _, links: [send(links[ADA], YES), send(links[ADA], YES | {"who": GRACE})],
    "a reminder's link": two_links_of_one,
    "a message of their own beside the link": lambda registry, links: (
        send(links[ADA], YES), registry.says(1, "approve", minutes(1), by=ADA)
    ),
    "messages in others' names beside the link": lambda registry, links: (
        send(links[ADA], YES), registry.says(1, "approve", minutes(0), by=GRACE),
        registry.says(1, "approve", minutes(1), by=KIM, id="m2"),
    ),
    "a link and a secret that is nobody's": lambda _, links: [
        send(links[ADA], YES), send(links[GRACE][:-43] + "A" * 43, YES)
    ],
    "a form of another site with a link of somebody else's": lambda _, links: [
        send(links[ADA], YES), send(links[GRACE], YES, origin="https://evil.test")
    ],
    "a reviewer in the form": lambda _, links: [
        send(links[ADA], YES), send(links[ADA], YES | {"reviewer": GRACE})
    ],
}  # fmt: skip


@pytest.mark.parametrize("attack", ALONE)
def test_one_person_is_one_yes_whatever_they_try(registry: Registry, links: dict[str, str], attack: str) -> None:
    ALONE[attack](registry, links)
    registry.hears(1)

    assert registry.status(1) == PENDING
    assert len(registry.world.ledger.ballot("churn", 1, registry.run_of(1)).yes) == 1


def test_a_reviewer_decides_once_and_no_longer_otherwise(registry: Registry, links: dict[str, str]) -> None:
    send(links[ADA], YES)

    again = send(links[ADA], NO)

    assert (again["statusCode"], registry.status(1)) == (200, PENDING)
    assert "<h1>Your yes is counted</h1>" in again["body"]


@pytest.mark.parametrize("starter", ["ada", "Ada@Example.org"])
def test_who_started_the_run_is_sent_no_link_and_all_are_told_so(registry: Registry, starter: str) -> None:
    links = asked(registry, starter)

    (mail,) = registry.world.mail()
    assert links.keys() == {GRACE, KIM}
    assert f"Who started the run, and does not count: {ADA}" in mail


def test_a_link_of_whoever_turns_out_to_have_started_the_run_counts_for_nothing(registry: Registry) -> None:
    links = asked(registry)
    started = {"requested_by": "ada"}
    registry.world.ledger.write(Write("MODEL#churn", f"RUN#{registry.run_of(1)}", set=started))

    answered = send(links[ADA], YES)

    assert answered["statusCode"] == 409
    assert "ada@example.org started this run" in answered["body"]
    assert registry.world.ledger.ballot("churn", 1, registry.run_of(1)).yes == ()


def test_a_reminder_brings_a_new_link_to_those_who_have_not_answered_and_the_count_to_all(
    registry: Registry, links: dict[str, str]
) -> None:
    send(links[ADA], YES)
    registry.world.mail()
    registry.asked_ago(1, 0.6)

    registry.hears(1)

    reminded, (mail,) = links_in(registry.world.sent()), registry.world.mail()
    assert reminded.keys() == {GRACE, KIM}
    assert not set(reminded.values()) & set(links.values())
    assert f"So far: 1 of 2 yes ({ADA})." in mail
    assert "/decide/" not in mail


def test_who_is_not_subscribed_is_named(registry: Registry) -> None:
    sns = boto3.client("sns")
    for one in sns.list_subscriptions_by_topic(TopicArn=registry.world.reviewers)["Subscriptions"]:
        if one["Endpoint"] != ADA:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])

    links = asked(registry)

    (mail,) = registry.world.mail()
    assert links.keys() == {ADA}
    assert f"Not subscribed, or not confirmed, and so without a mail: {GRACE}, {KIM}" in mail
    assert not registry.record(1).unheard


MALLORY = "mallory@example.org"
EARS: dict[str, dict[str, str]] = {  # a subscription of somebody else, by its attributes
    "all that is asked": {},
    "an empty filter": {"FilterPolicy": "{}"},
    "what Ada is asked": {"FilterPolicy": json.dumps({"reviewer": [ADA]})},
    "what Ada is asked, beside their own": {"FilterPolicy": json.dumps({"reviewer": [MALLORY, ADA]})},
    "whoever is not Kim": {"FilterPolicy": json.dumps({"reviewer": [{"anything-but": [KIM]}]})},
    "whoever begins so": {"FilterPolicy": json.dumps({"reviewer": [{"prefix": "a"}]})},
    "another attribute": {"FilterPolicy": json.dumps({"kind": ["review"]})},
}


@pytest.mark.parametrize("heard", EARS)
def test_no_link_is_sent_that_would_reach_somebody_else(registry: Registry, heard: str) -> None:
    topic = registry.world.reviewers
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint=MALLORY, Attributes=EARS[heard])

    registry.registers(1, review=REVIEW)
    registry.asks(1)

    sent = registry.world.sent()
    (mail,) = registry.world.mail()
    assert MALLORY not in {reviewer for reviewer, _ in sent}
    assert ADA not in {reviewer for reviewer, _ in sent}
    assert f"{ADA} gets no link, as what they are asked reaches {MALLORY}, too: end that subscription" in mail


def test_who_hears_their_own_requests_alone_takes_nobodys_link(registry: Registry) -> None:
    registry.world.subscribes(MALLORY)

    assert asked(registry).keys() == {ADA, GRACE, KIM}


def test_a_reviewer_whose_subscription_has_no_filter_hears_no_others_links(registry: Registry) -> None:
    topic, sns = registry.world.reviewers, boto3.client("sns")
    for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        if one["Endpoint"] == ADA:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=ADA)

    assert asked(registry).keys() == {ADA}


def test_a_run_of_which_every_reviewer_is_overheard_says_that_nobody_was_asked(registry: Registry) -> None:
    boto3.client("sns").subscribe(TopicArn=registry.world.reviewers, Protocol="email", Endpoint=MALLORY)

    assert asked(registry) == {}
    assert registry.record(1).unheard


def test_one_reviewers_yes_is_enough_where_the_model_file_says_so(registry: Registry) -> None:
    links = asked(registry, needed=1, not_by="")

    send(links[GRACE], YES | {"who": "Grace"})

    assert registry.status(1) == "Approved"
    described = registry.sagemaker.describe_model_package(ModelPackageName=registry.arn(1))
    assert described["ApprovalDescription"] == f"better recall (sent by Grace ({GRACE}), not proven)"


def test_the_ledger_has_no_reviewers_secret(registry: Registry, links: dict[str, str]) -> None:
    items = json.dumps(boto3.client("dynamodb").scan(TableName=TABLE)["Items"], default=str)

    assert len(links) == 3
    assert not any(link.rpartition("/")[2] in items for link in links.values())


def test_who_asks_is_asked_by_name_and_finds_it_filled_in(links: dict[str, str]) -> None:
    body = ask(links[GRACE], headers=OWN)["body"]

    assert f"asked: {GRACE}" in body
    assert f'value="{GRACE}"' in body
