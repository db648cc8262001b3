"""A notice is posted to a webhook that listens on this machine."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import post_to_chat
import pytest
from app.aws import posts
from app.errors import CallRefused, Gone, RetrainError, ServiceUnavailable, Throttled
from app.settings import settings
from lambda_context import Context

SAMPLE = json.loads((Path(__file__).parents[2] / "events" / "post_to_chat.json").read_text())
ELSEWHERE = "/elsewhere"


class Chat:
    """A chat's webhook, which answers as it is told."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"ok"
        self.taken: list[tuple[str, str, Any]] = []
        chat = self

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                chat.taken.append((self.path, self.headers["content-type"], json.loads(self.rfile.read(length))))
                self.send_response(chat.status)
                self.send_header("location", ELSEWHERE)
                self.end_headers()
                self.wfile.write(chat.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Listener)
        self.thread = Thread(target=self.server.serve_forever)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/secret"


@pytest.fixture
def chat() -> Iterator[Chat]:
    found = Chat()
    found.thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    found.thread.join()


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize("kind", ["slack", "teams", "google-chat"])
def test_the_function_posts_a_notice_as_its_chat_takes_it(
    kind: str, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_URL", chat.url)
    monkeypatch.setenv("WEBHOOK_KIND", kind)

    post_to_chat.handler(SAMPLE, Context())

    ((path, content, document),) = chat.taken
    assert (path, content) == ("/services/secret", "application/json")
    assert "Please decide on version 3 of churn" in json.dumps(document)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, Throttled),
        (500, ServiceUnavailable),
        (503, ServiceUnavailable),
        (404, Gone),
        (403, CallRefused),
        (302, CallRefused),
    ],
)
def test_what_a_webhook_answers_says_whether_it_is_tried_again(
    status: int, kind: type[RetrainError], chat: Chat
) -> None:
    chat.status, chat.body = status, b"no_service\x1b[2J"

    with pytest.raises(kind) as raised:
        posts.post(chat.url, {})

    assert str(raised.value) == rf"the webhook answered {status}: no_service\x1b[2J"
    assert [path for path, _, _ in chat.taken] == ["/services/secret"]  # and not elsewhere


def test_a_webhook_that_is_gone_is_told_without_its_address(chat: Chat) -> None:
    chat.server.server_close()

    with pytest.raises(ServiceUnavailable) as raised:
        posts.post("http://127.0.0.1:9/services/secret", {})

    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
