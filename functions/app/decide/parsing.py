"""Parsing at the border: the one registry of the messages that functions take, and the shapes that they come in.

A message of another shape, or an EventBridge event of another kind, is refused as ``BadMessage``, by name. Pure.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from app.decide.names.shown_text import shown
from app.errors import BadMessage

P = ParamSpec("P")
T = TypeVar("T")


class Shape(NamedTuple):
    """How a message comes to its function: in an envelope, and for EventBridge's events from a source, of a type."""

    envelope: str
    source: str = ""
    detail_type: str = ""
    queued: bool = False  # the event is the body of a queue message


TASK = Shape("task")  # payload of a state machine's task
INVOCATION = Shape("invocation")  # payload of a caller, or of a schedule
QUEUE_MESSAGE = Shape("queue message")  # body of one, which is JSON
NOTIFICATION = Shape("notification")  # text of an SNS message, which is JSON
NEWS = Shape("news")  # SNS's event of one message, whose text is for people

MESSAGES: dict[str, tuple[Shape, ...]] = {}  # name of a message -> the shapes that it is parsed from


def event(source: str, detail_type: str, queued: bool = False) -> Shape:
    """The shape of EventBridge's events of one kind.

    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    return Shape("event", source, detail_type, queued)


def strict(parse: Callable[P, T]) -> Callable[P, T]:
    """Decorate a parser: missing fields, wrong types and JSON beyond all depth raise ``BadMessage``."""

    @wraps(parse)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return parse(*args, **kwargs)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            raise BadMessage(shown(f"{parse.__qualname__}: {type(error).__name__} {error}")) from error

    return checked


def message(*shapes: Shape) -> Callable[[Callable[[dict[str, Any]], T]], Callable[[Any], T]]:
    """Decorate and register a message's parser. It gets the document; texts are decoded before.

    Raises:
        BadMessage: the document lacks a field or has one of a wrong type, or it is an event of another kind.
    """

    def register(parse: Callable[[dict[str, Any]], T]) -> Callable[[Any], T]:
        name = parse.__qualname__.removesuffix(".parse")
        MESSAGES[name] = shapes

        @strict
        @wraps(parse)
        def checked(raw: Any) -> T:
            document = json.loads(raw) if isinstance(raw, str) else raw
            _check_kind(name, shapes, document)
            return parse(document)

        return checked

    return register


def _check_kind(name: str, shapes: tuple[Shape, ...], document: dict[str, Any]) -> None:
    kinds = [(shape.source, shape.detail_type) for shape in shapes if shape.envelope == "event"]
    if not kinds or ("detail-type" not in document and len(kinds) < len(shapes)):
        return
    kind = (str(document.get("source", "")), str(document.get("detail-type", "")))
    if kind not in kinds:
        known = ", ".join(f"'{detail_type}' of {source}" for source, detail_type in kinds)
        raise BadMessage(f"{name} is {known}, not '{kind[1]}' of {kind[0] or 'nobody'}")


def event_of(name: str, detail: dict[str, Any]) -> dict[str, Any]:
    """An EventBridge event that the message ``name`` is parsed from, with this ``detail``."""
    kind = next(shape for shape in MESSAGES[name] if shape.envelope == "event")
    return {"source": kind.source, "detail-type": kind.detail_type, "detail": detail}


LOG_KEYS = ("model", "run", "key", "file", "job")


def log_keys(message: object) -> dict[str, str]:
    """What every line of a function's log says of its message: model and run, and the file or job that it is about."""
    return {name: shown(value) for name in LOG_KEYS if (value := getattr(message, name, ""))}
