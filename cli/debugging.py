"""``--debug``: each call of AWS on standard error, with the request id that AWS's support asks for, and tracebacks.

Parameters, bodies and credentials are never printed: what is printed may be pasted into a ticket.
"""

import sys
import time
import traceback
from typing import Any

STARTED = "retrain-started"
ON = [False]  # whether this process was asked for it


def switch(on: bool) -> bool:
    """Switch it on, where asked."""
    ON[0] = ON[0] or on
    return on


def watch(session: Any) -> Any:
    """A boto3 session that tells each of its calls, where that was asked for."""
    if ON[0]:
        session.events.register("before-call", _note)
        session.events.register("after-call", _tell)
        session.events.register("after-call-error", _tell_error)
    return session


def tell(error: BaseException) -> None:
    """Where ``error`` was raised, where that was asked for."""
    if ON[0]:
        traceback.print_exception(error)


def _note(context: dict[str, Any], **_: Any) -> None:
    context[STARTED] = time.monotonic()


def _tell(event_name: str, http_response: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    about = parsed.get("ResponseMetadata", {})
    attempts = int(about.get("RetryAttempts", 0)) + 1
    code = f" {parsed['Error'].get('Code', '')}" if "Error" in parsed else ""
    times = f", {attempts} attempts" if attempts > 1 else ""
    _print(
        event_name, context, f"{http_response.status_code}{code}{times}, request {about.get('RequestId', 'unknown')}"
    )


def _tell_error(event_name: str, exception: Exception, context: dict[str, Any], **_: Any) -> None:
    _print(event_name, context, f"no answer: {type(exception).__name__}")


def _print(event_name: str, context: dict[str, Any], text: str) -> None:
    operation = " ".join(event_name.split(".")[1:])
    passed_s = time.monotonic() - context.get(STARTED, time.monotonic())
    print(f"aws: {operation}: {text}, {passed_s:.3f} s", file=sys.stderr)
