"""News reaches a chat and a digest: topic, subscriptions, functions, a webhook that listens on this machine."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from cloud import eventually
from outside import listening

from cli.stack.deploy import LOCALLY, deploy
from cli.stack.subscribers import of_topic

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.local
SOON_S = 240


@pytest.fixture
def chat() -> Iterator[tuple[str, Queue[Any]]]:
    """A webhook's address, and what was posted there."""
    with listening({}) as (url, taken):
        yield f"{url}/services/secret", taken


NEWS = {"id": "a1", "kind": "refused", "model": "churn", "urgent": "false"}


def test_news_is_posted_to_chat_and_digest_and_a_stack_without_them_posts_nothing(
    stack_of: Callable[[str], Any], chat: tuple[str, Queue[Any]]
) -> None:
    url, taken = chat
    quiet, chatty = stack_of("quiet"), stack_of("chatty")
    deploy(quiet.target, ROOT / "template.yaml", LOCALLY)
    deploy(
        chatty.target, ROOT / "template.yaml", LOCALLY | {"WebhookUrl": url, "WebhookKind": "teams", "DigestHours": "1"}
    )

    for stack in (quiet, chatty):
        stack.target.client("sns").publish(
            TopicArn=stack.outputs["NotificationTopicArn"],
            Subject=f"{stack.name}: upload refused",
            Message="may.csv: column 'age' is missing\n",
            MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in NEWS.items()},
        )
    path, document = taken.get(timeout=SOON_S)
    kept = eventually(lambda: list(chatty.target.ledger().partition("NEWS")), SOON_S, "news in the ledger")

    assert path == "/services/secret"
    assert "chatty: upload refused" in json.dumps(document)
    assert taken.empty()
    heard = [of_topic(stack.target, "NotificationTopicArn") for stack in (quiet, chatty)]
    assert [one.confirmed for one in heard if one] == [0, 1]
    assert [(one["id"], one["subject"]) for one in kept] == [("a1", "chatty: upload refused")]
    assert list(quiet.target.ledger().partition("NEWS")) == []
    described = json.dumps(chatty.target.client("cloudformation").describe_stacks(StackName="chatty"), default=str)
    assert "secret" not in described
