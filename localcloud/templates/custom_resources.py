"""Custom resources: a function, or a topic, is asked to make something, and answers at a URL that it is given.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import queue
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import BadRequest

from localcloud.background import spawn
from localcloud.front.listener import TLS_HELLOS
from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Place, Properties

PAGE = "custom-resource"  # below the cloud's own pages
LARGEST_ANSWER_BYTES = 4096
LONGEST_S, ATTEMPTS = 3600.0, 3  # an event is tried again twice, as every asynchronous one
OVER_TLS = (  # crhelper and the providers of the CDK open an HTTPS connection to the URL's host
    "Meanwhile somebody spoke TLS to the local cloud, whose ResponseURL is one of http: a function that answers over"
    " HTTPS whatever the URL says works on AWS, and here reaches nobody. Answer with cfnresponse, urllib or urllib3,"
    " which take the URL as it is."
)
_waiting: dict[str, _Waiting] = {}  # by the token in the URL


@dataclass
class _Waiting:
    """Who asked, and what was answered first."""

    hellos: int = field(default_factory=lambda: TLS_HELLOS.heard)  # before it was asked
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answers: queue.SimpleQueue[dict[str, Any] | str] = field(default_factory=queue.SimpleQueue)


def page(request: Any) -> dict[str, Any]:
    """A custom resource's answer: a PUT of a JSON document to its ResponseURL."""
    waiting = _waiting.get(request.args.get("token", ""))
    body = request.get_data()
    if waiting is None or request.method != "PUT":
        raise BadRequest("no custom resource waits for this")
    if len(body) > LARGEST_ANSWER_BYTES:
        waiting.answers.put("Response object is too long.")
        return {}
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    waiting.answers.put(answer if isinstance(answer, dict) else "Invalid response object: it is not a JSON object")
    return {}


def ask(place: Place, kind: str, wanted: Properties, physical_id: str = "", old: Properties | None = None) -> Any:
    """The answer of a custom resource to Create, Update or Delete: a document with PhysicalResourceId, perhaps Data.

    Raises:
        ResourceFailed: it says FAILED, answers nothing in time, or not as CloudFormation demands.
    """
    with _awaited() as (token, waiting):
        event = {
            "RequestType": kind,
            "ResponseURL": f"{place.cloud.url}/_localcloud/{PAGE}?token={token}",
            "StackId": place.stack_id,
            "RequestId": waiting.request_id,
            "ResourceType": place.type,
            "LogicalResourceId": place.logical_id,
            "ResourceProperties": _as_text(wanted),
        }
        event |= {"PhysicalResourceId": physical_id} if physical_id else {}
        event |= {"OldResourceProperties": _as_text(old)} if old is not None else {}
        spawn(_send, place, str(wanted["ServiceToken"]), event, waiting)
        try:
            answer = waiting.answers.get(timeout=float(wanted.get("ServiceTimeout", LONGEST_S)))
        except queue.Empty:
            answer = _silent(waiting)
    return _checked(answer, waiting.request_id)


@contextmanager
def _awaited() -> Iterator[tuple[str, _Waiting]]:
    token, waiting = secrets.token_urlsafe(24), _Waiting()
    _waiting[token] = waiting
    try:
        yield token, waiting
    finally:
        del _waiting[token]


def _send(place: Place, service: str, event: Mapping[str, Any], waiting: _Waiting) -> None:
    """Ask. A function that fails has not answered and will not: AWS waits for an hour all the same."""
    try:
        if service.split(":")[2:3] == ["sns"]:
            place.client("sns").publish(TopicArn=service, Message=json.dumps(event))
            return
        payload, said = json.dumps(event).encode(), ""
        for _ in range(ATTEMPTS):
            outcome = place.client("lambda").invoke(FunctionName=service, Payload=payload)
            if "FunctionError" not in outcome:
                return
            said = outcome["Payload"].read().decode(errors="replace")
        waiting.answers.put(f"{_silent(waiting)} The function failed: {said}")
    except Exception as error:
        waiting.answers.put(str(error))
        raise


def _silent(waiting: _Waiting) -> str:
    """What CloudFormation says of an answer that did not come; and why, where something spoke TLS meanwhile."""
    why = f" {OVER_TLS}" if TLS_HELLOS.heard > waiting.hellos else ""
    return (
        "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
        f"[{waiting.request_id}]. If you are using the Python cfn-response module, you may need to update your Lambda "
        f"function code so that CloudFormation can attach the updated version.{why}"
    )


def _checked(answer: dict[str, Any] | str, request_id: str) -> dict[str, Any]:
    if isinstance(answer, str):
        raise ResourceFailed(answer)
    if answer.get("Status") == "FAILED":
        raise Failed(
            "Received response status [FAILED] from custom resource. Message returned: "
            f"{answer.get('Reason', '')} (RequestId: {request_id})",
            str(answer.get("PhysicalResourceId") or ""),
        )
    if answer.get("Status") != "SUCCESS":
        raise ResourceFailed(f"Invalid Status: {answer.get('Status')}: it has to be SUCCESS or FAILED")
    if not isinstance(answer.get("PhysicalResourceId"), str) or not answer["PhysicalResourceId"]:
        raise ResourceFailed("Invalid PhysicalResourceId")
    return answer


class Failed(ResourceFailed):
    """The custom resource says so; ``physical_id`` is what it made nevertheless, or ""."""

    def __init__(self, said: str, physical_id: str) -> None:
        super().__init__(said)
        self.physical_id = physical_id


def _as_text(value: Any) -> Any:
    """Properties as CloudFormation sends them: numbers and booleans as text."""
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
