"""One mail instead of many: what waits is told once, whoever dies; what is urgent does not wait."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import post_to_chat
import post_to_digest
import pytest
from app.aws import topics
from app.decide.names.statuses import RunStatus
from app.decide.operating.digests import MOST_NAMED, KeptNews, digest_notice
from app.decide.operating.urgency import is_urgent
from app.decide.outside.chat_messages import Told
from app.errors import ServiceUnavailable
from app.flow import reconciler
from app.ledger.telling import news
from app.settings import settings
from lambda_context import Context
from moto_world import World
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
SAMPLE = json.loads((ROOT / "events" / "post_to_digest.json").read_text())
DUE = {"digest": "due"}
BEGUN = datetime(2026, 3, 14, 10, tzinfo=UTC)


class Clock:
    """The time that the ledger reads."""

    def __init__(self) -> None:
        self.at = BEGUN

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """A stack with a digest of an hour."""
    found = Clock()
    monkeypatch.setattr(news, "now", found)
    monkeypatch.setattr("app.flow.outside.digests.now", found)
    monkeypatch.setenv("DIGEST_HOURS", "1")
    settings.cache_clear()
    yield found
    settings.cache_clear()


def heard(identity: str, **attributes: str) -> dict[str, Any]:
    """SNS's event of a notice."""
    event: dict[str, Any] = json.loads(json.dumps(SAMPLE))
    named = event["Records"][0]["Sns"]["MessageAttributes"]
    named |= {name: {"Type": "String", "Value": value} for name, value in ({"id": identity} | attributes).items()}
    event["Records"][0]["Sns"]["Subject"] = f"churn: {identity}"
    return event


def hears(event: dict[str, Any]) -> None:
    post_to_digest.handler(event, Context())


def test_news_of_an_hour_is_one_mail_and_each_is_told_once(world: World, clock: Clock) -> None:
    for identity in ("a", "b", "a"):
        hears(heard(identity))
        hears(DUE)
    clock.passes(minutes=59)
    hears(heard("c"))
    hears(DUE)
    early = world.mail()
    clock.passes(minutes=1)
    hears(DUE)
    (mail,) = world.mail()
    clock.passes(hours=2)
    hears(heard("b"))
    hears(DUE)

    assert early == []
    assert mail.splitlines()[0] == "3 messages in one since 2026-03-14 10:00 UTC; none of it asks anything of you."
    assert [mail.count(f"churn: {identity}\n") for identity in "abc"] == [1, 1, 1]
    assert world.mail() == []


def dies(*_: Any) -> None:
    raise ServiceUnavailable("it died here")


@pytest.mark.parametrize("where", ["publish", "write", "delete"])
def test_whoever_dies_while_a_mail_is_sent_is_followed_by_one_that_tells_the_same(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    hears(heard("a"))
    clock.passes(hours=1)
    with monkeypatch.context() as broken:
        if where == "publish":
            broken.setattr("app.aws.topics.publish", dies)
        else:
            broken.setattr(f"app.ledger.table.Table.{where}", failing(where))
        with pytest.raises(ServiceUnavailable):
            hears(DUE)
    hears(heard("b"))
    hears(DUE)
    first = world.mail()
    clock.passes(hours=1)
    hears(DUE)
    hears(DUE)

    assert {mail.count("churn: a\n") for mail in first} == {1}
    assert len(set(first)) == 1
    assert [(mail.count("churn: a\n"), mail.count("churn: b\n")) for mail in world.mail()] == [(0, 1)]
    assert list(world.ledger.partition("NEWS")) == []


def failing(where: str) -> Callable[..., Any]:
    """A call of the ledger's that dies: of writes, the one after the mail."""
    original = getattr(news.Table, where)

    def call(self: Any, *given: Any) -> Any:
        if where == "delete" or given[0].set.get("sent"):
            dies()
        return original(self, *given)

    return call


def test_the_reconciler_sees_to_it_that_what_is_due_is_told(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoked: list[tuple[str, Any]] = []
    monkeypatch.setattr("app.aws.functions.invoke", lambda name, event: invoked.append((name, event)))
    known = settings("stack", "ledger_table")._replace(reacting_functions={"digest": "PostToDigest"}, max_pipelines=1)
    hears(heard("a"))
    reconciler.reconcile(known, 300)
    early = list(invoked)
    clock.passes(hours=1)
    reconciler.reconcile(known, 300)

    assert (early, invoked) == ([], [("PostToDigest", DUE)])


def test_what_is_urgent_and_all_without_a_digest_is_not_kept(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hears(heard("a", urgent="true"))
    monkeypatch.setenv("DIGEST_HOURS", "0")
    settings.cache_clear()
    hears(heard("b"))

    assert list(world.ledger.partition("NEWS")) == []


def test_a_letter_of_the_digest_is_nothing_to_a_stack_without_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "")
    monkeypatch.setenv("WEBHOOK_KIND", "slack")
    settings.cache_clear()

    post_to_chat.handler(SAMPLE, Context())
    settings.cache_clear()


@pytest.mark.parametrize(
    ("kind", "status", "urgent"),
    [
        ("approval", "", True), ("reminder", "", True), ("digest", "", True), ("kept", "", True),
        ("refused", "", False), ("files-refused", "", False), ("scoring", "Scored", False), ("scoring", "Failed", True),
        *(("ended", str(one), one in (RunStatus.FAILED, RunStatus.APPROVAL_EXPIRED)) for one in RunStatus if one.final),
    ],
)  # fmt: skip
def test_what_asks_or_failed_does_not_wait(kind: str, status: str, urgent: bool) -> None:
    assert is_urgent(kind, {"status": status}) is urgent


RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
POLICIES = {
    "mail": RESOURCES["NotificationMail"]["Properties"]["FilterPolicy"]["Fn::If"][1],
    "digest": RESOURCES["DigestHearsNews"]["Properties"]["FilterPolicy"],
    "chat": RESOURCES["ChatHearsNews"]["Properties"]["FilterPolicy"]["Fn::If"][1],
}


@pytest.mark.parametrize(
    ("attributes", "hearing"),
    [
        ({"kind": "approval", "urgent": "true"}, {"mail", "chat"}),
        ({"kind": "ended", "urgent": "false"}, {"digest", "chat"}),
        ({"kind": "digest", "urgent": "true"}, {"mail"}),
        ({"kind": "held-back", "urgent": "true"}, {"mail", "chat"}),
        ({"kind": "refused", "urgent": "false"}, {"digest", "chat"}),
    ],
)
def test_each_message_reaches_the_mail_at_once_or_the_digest_and_never_neither(
    world: World, attributes: dict[str, str], hearing: set[str]
) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="news-of-a-digest")["TopicArn"]
    queues = {}
    for name, policy in POLICIES.items():
        queues[name] = sqs.create_queue(QueueName=f"hears-{name}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queues[name], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": json.dumps(policy)})

    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    sns.publish(TopicArn=topic, Message="m", MessageAttributes=typed)

    assert {name for name, url in queues.items() if sqs.receive_message(QueueUrl=url).get("Messages")} == hearing


def test_the_digests_own_function_is_nobody_who_hears(world: World) -> None:
    sns = boto3.client("sns")
    topic = sns.create_topic(Name="heard-by-nobody")["TopicArn"]
    function = "arn:aws:lambda:us-east-1:123456789012:function:retrain-PostTo{}Function-0a1b2c"

    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.format("Digest"))
    unheard = topics.has_subscribers(topic)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function.format("Chat"))

    assert (unheard, topics.has_subscribers(topic)) == (False, True)


def test_a_mail_of_much_news_says_how_much_it_does_not_name_and_fits() -> None:
    many = [
        KeptNews(
            f"2026-03-14T10:{number % 60:02}:00.000Z", Told(str(number), "scoring", "", f"f{number}.csv", "x" * 2_000)
        )
        for number in range(300)
    ]

    mail = digest_notice(
        [*many, KeptNews("2026-03-14T09:00:00.000Z", Told("a", "ended", "churn", "churn: Deployed", "It"))]
    )

    assert mail.text.startswith("301 messages in one since 2026-03-14 09:00 UTC")
    assert len(mail.text.encode()) <= 8_192
    assert mail.subject == "churn: 301 messages in one"
    assert f"And {301 - MOST_NAMED} more: retrain status" in mail.text
