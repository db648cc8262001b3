"""What this process asks of itself is asked as over HTTP: the same request arrives, and the same answer comes back."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud.front import credentials
from localcloud.front.listener import Listener
from localcloud.own_calls import answered_by, read_from

OF_THE_CONNECTION = {
    "werkzeug.socket", "wsgi.input", "wsgi.errors", "REMOTE_PORT", "HTTP_CONNECTION", "HTTP_AMZ_SDK_INVOCATION_ID",
    "HTTP_AMZ_SDK_REQUEST", "HTTP_X_AMZ_DATE", "HTTP_AUTHORIZATION", "HTTP_ACCEPT_ENCODING", "HTTP_EXPECT",
    "SERVER_SOFTWARE",
}  # fmt: skip
ODD_KEY = "über/a b+c%2F?x=1&y#z"
CALLS: dict[str, Callable[[Any], Any]] = {
    "an object": lambda s3: s3.get_object(Bucket="box", Key=ODD_KEY)["Body"].read(),
    "a version": lambda s3: s3.get_object(Bucket="box", Key="a", VersionId="v 1")["Body"].read(),
    "a part": lambda s3: s3.get_object(Bucket="box", Key="a", Range="bytes=1-2")["Body"].read(),
    "bytes put": lambda s3: s3.put_object(Bucket="box", Key="a", Body=b"\x00\xff", Metadata={"a_b": "c", "d-e": "f"}),
    "text put": lambda s3: s3.put_object(Bucket="box", Key="a", Body="text"),
    "nothing put": lambda s3: s3.put_object(Bucket="box", Key="a"),
    "a file put": lambda s3: s3.put_object(Bucket="box", Key="a", Body=io.BytesIO(b"file")),
    "a head": lambda s3: s3.head_object(Bucket="box", Key="a"),
    "a list": lambda s3: s3.list_objects_v2(Bucket="box", Prefix=ODD_KEY),
    "a deletion": lambda s3: s3.delete_object(Bucket="box", Key="a"),
    "what is not there": lambda s3: s3.get_object(Bucket="box", Key="missing"),
}


class Application:
    """Remembers requests, and answers each alike."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        kept = {k: v for k, v in environ.items() if k not in OF_THE_CONNECTION}
        self.asked.append({**kept, "body": body, "credential": credentials.of(environ)})
        if environ["PATH_INFO"].endswith("missing"):
            start("404 NOT FOUND", [("Content-Type", "text/xml")])
            return [b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>"]
        answer = [b"<ListBucketResult>", b"</ListBucketResult>"]
        length = ("Content-Length", str(sum(map(len, answer))))
        start("200 OK", [("Content-Type", "application/xml"), length, ("x-amz-meta-said", "yes"), ("ETag", '"e"')])
        return answer


@contextmanager
def listening(application: Application) -> Iterator[Listener]:
    listener = Listener(socket.create_server(("127.0.0.1", 0)), application)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield listener
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def client(listener: Listener) -> Any:
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    session = boto3.session.Session("key", "secret", region_name="us-east-1")
    return session.client("s3", endpoint_url=f"http://127.0.0.1:{listener.server_address[1]}", config=config)


def answer_directly(s3: Any, listener: Listener) -> None:
    s3.meta.events.register("before-send", answered_by(listener))
    s3.meta.events.register("before-call.s3.GetObject", partial(read_from(listener, lambda *_: None), access_key="key"))


def outcome(call: Callable[[Any], Any], s3: Any) -> Any:
    try:
        said = call(s3)
    except ClientError as error:
        said = error.response
    if isinstance(said, dict):
        kept = said["ResponseMetadata"]
        kept["HTTPHeaders"] = {k: v for k, v in kept["HTTPHeaders"].items() if k not in ("date", "server")}
        kept["HTTPHeaders"].pop("content-length", None)
        kept.pop("MaxAttemptsReached", None)  # nothing is sent, so nothing would be sent again
    return said


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_within_the_process_is_the_call_over_http(call: Callable[[Any], Any]) -> None:
    application = Application()
    with listening(application) as listener:
        over_http, within = client(listener), client(listener)
        answer_directly(within, listener)

        outcomes = [outcome(call, over_http), outcome(call, within)]

    assert application.asked[0] == application.asked[1]
    assert outcomes[0] == outcomes[1]


def test_a_call_within_the_process_is_answered_in_the_thread_that_asks() -> None:
    threads = []
    application = Application()

    def where(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        threads.append(threading.current_thread())
        return application(environ, start)

    with listening(where) as listener:  # type: ignore[arg-type]
        s3 = client(listener)
        answer_directly(s3, listener)
        s3.get_object(Bucket="box", Key="a")
        s3.put_object(Bucket="box", Key="a")

    assert threads == [threading.current_thread()] * 2
