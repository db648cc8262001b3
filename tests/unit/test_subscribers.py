"""What a person is told of who hears of requests for approval."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cli.stack.subscribers import Loose, Subscribers, of_topic, render, render_reviewers, warnings
from cli.stack.target import Target

TOPIC = "arn:aws:sns:us-east-1:123456789012:retrain-NotificationTopic-a"
BY_LINK = Loose("a@b.c", "email", f"{TOPIC}:1")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Subscribers(1, [], []), []),
        (Subscribers(0, [], []), ["nobody is subscribed to the notification topic: nobody hears of requests"]),
        (Subscribers(0, ["a@b.c"], []), ["nobody is subscribed to the notification topic (a@b.c has not confirmed)"]),
        (Subscribers(1, [], [BY_LINK]), ["whoever is passed a mail of a@b.c can unsubscribe it"]),
    ],
)
def test_nobody_subscribed_and_links_that_anybody_may_follow_are_told(found: Subscribers, told: list[str]) -> None:
    texts = render(found)

    assert len(texts) == len(told)
    assert all(text.startswith(start) for text, start in zip(texts, told, strict=True))


def test_a_reviewer_who_has_not_confirmed_is_told_by_name() -> None:
    (told,) = render_reviewers(Subscribers(1, ["ada@example.org"], []))

    assert told.startswith("reviewer ada@example.org has not confirmed the subscription, and gets no link")


def test_what_mends_a_link_that_anybody_may_follow_is_a_command() -> None:
    (told,) = render(Subscribers(1, [], [BY_LINK]))

    assert (
        f"aws sns unsubscribe --subscription-arn {TOPIC}:1 && aws sns subscribe --topic-arn {TOPIC} --protocol email "
        "--notification-endpoint a@b.c"
    ) in told


def test_the_address_in_a_command_is_one_word() -> None:
    (told,) = render(Subscribers(1, [], [Loose("a@b.c; rm -r x\x1b[2J", "email-json", f"{TOPIC}:1")]))

    assert r"--protocol email-json --notification-endpoint 'a@b.c; rm -r x\x1b[2J'" in told


def test_a_reviewer_whose_link_anybody_may_follow_is_told_and_publishing_asks_again() -> None:
    (told,) = render_reviewers(Subscribers(1, [], [BY_LINK]))

    assert told.startswith(
        "whoever is passed a mail of reviewer a@b.c can unsubscribe it, and the reviewer gets no link"
    )
    assert f"aws sns unsubscribe --subscription-arn {TOPIC}:1 && retrain publish" in told


@dataclass(frozen=True)
class Account(Target):
    """One topic, as AWS tells of it."""

    sns: Any = field(default=None)

    def outputs(self) -> dict[str, str]:
        return {"NotificationTopicArn": TOPIC}

    def client(self, service: str) -> Any:
        return self.sns


@pytest.fixture
def account() -> Iterator[Account]:
    """A topic with an address that was confirmed by the mail's link, one with credentials, one not yet, and a queue."""
    sns = boto3.client("sns", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    rows = [("1", "email", "a@b.c"), ("2", "email", "d@b.c"), ("PendingConfirmation", "email", "e@b.c"),
            ("3", "sqs", "arn:aws:sqs:us-east-1:123456789012:q")]  # fmt: skip
    listed = [
        {"SubscriptionArn": one if one == "PendingConfirmation" else f"{TOPIC}:{one}", "Protocol": protocol,
         "Endpoint": endpoint, "Owner": "123456789012", "TopicArn": TOPIC}
        for one, protocol, endpoint in rows
    ]  # fmt: skip
    with Stubber(sns) as answers:
        answers.add_response("list_subscriptions_by_topic", {"Subscriptions": listed}, {"TopicArn": TOPIC})
        for number, authenticated in (("1", "false"), ("2", "true")):
            said = {"Attributes": {"ConfirmationWasAuthenticated": authenticated}}
            answers.add_response("get_subscription_attributes", said, {"SubscriptionArn": f"{TOPIC}:{number}"})
        yield Account("https://aws.test", sns=sns)


def test_an_address_that_was_confirmed_by_the_mails_link_is_found(account: Account) -> None:
    assert of_topic(account, "NotificationTopicArn") == Subscribers(3, ["e@b.c"], [BY_LINK])


def test_on_this_machine_nobody_can_be_reached_and_nothing_is_said() -> None:
    assert warnings(Target("http://127.0.0.1:1")) == []
