"""News reaches a chat: topic, subscription, function, a webhook that listens on this machine."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from cli.stack.deploy import LOCALLY, deploy
from cli.stack.subscribers import of_topic

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.local
SOON_S = 240


@pytest.fixture
def chat() -> Iterator[tuple[str, Queue[Any]]]:
    """A webhook's address, and what was posted there."""
    taken: Queue[Any] = Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.put((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/services/secret", taken
    server.shutdown()
    server.server_close()
    thread.join()


def test_news_is_posted_to_the_chat_and_a_stack_without_one_posts_nothing(
    stack_of: Callable[[str], Any], chat: tuple[str, Queue[Any]]
) -> None:
    url, taken = chat
    quiet, chatty = stack_of("quiet"), stack_of("chatty")
    deploy(quiet.target, ROOT / "template.yaml", LOCALLY)
    deploy(chatty.target, ROOT / "template.yaml", LOCALLY | {"WebhookUrl": url, "WebhookKind": "teams"})

    for stack in (quiet, chatty):
        stack.target.client("sns").publish(
            TopicArn=stack.outputs["NotificationTopicArn"],
            Subject=f"{stack.name}: upload refused",
            Message="may.csv: column 'age' is missing\n",
            MessageAttributes={"kind": {"DataType": "String", "StringValue": "refused"}},
        )
    path, document = taken.get(timeout=SOON_S)

    assert path == "/services/secret"
    assert "chatty: upload refused" in json.dumps(document)
    assert taken.empty()
    heard = [of_topic(stack.target, "NotificationTopicArn") for stack in (quiet, chatty)]
    assert [one.confirmed for one in heard if one] == [0, 1]
    described = json.dumps(chatty.target.client("cloudformation").describe_stacks(StackName="chatty"), default=str)
    assert "secret" not in described
