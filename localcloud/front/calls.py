"""Who called what: every API call with the function or job that made it, to be held against what its role may do.

Callers are told apart by access keys: each function and job gets one of its own, which means nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from localcloud.front import credentials
from localcloud.front.malformed.texts import fields_of, speaks_query
from localcloud.front.refusals import operation_of, service_of

RECENT: deque[Call] = deque(maxlen=20_000)
_callers: dict[str, Caller] = {}
_sessions: dict[str, Callable[[], object]] = {}  # by session token


@dataclass(frozen=True)
class Caller:
    """Who an access key belongs to: "function/<name>", "job/<name>", ..., and the ARN of the role it works under."""

    name: str
    role: str = ""


NOBODY = Caller("")  # anybody with credentials of their own


@dataclass(frozen=True)
class Call:
    """One call. ``operation`` is a name, or method and path where the protocol has no name; ``caller`` may be empty."""

    at: float  # seconds since the epoch
    service: str
    operation: str
    caller: str  # a Caller's name, or "" for anybody else
    status: int


def access_key(caller: str, role: str = "") -> str:
    """The access key of a caller such as ``function/start-run`` under a role: give it to its process."""
    key = "ASIA" + base64.b32encode(hashlib.sha256(f"{caller} {role}".encode()).digest()).decode()[:16]
    _callers[key] = Caller(caller, role)
    return key


def caller_of(environ: dict[str, Any]) -> Caller:
    """The function or job that signed a request, in whatever way."""
    credential = credentials.of(environ)
    return _callers.get(credential.key, NOBODY) if credential else NOBODY


def on_call(session_token: str, act: Callable[[], object] | None) -> None:
    """Call ``act`` after each call that is signed with a session token, before its answer is sent; None: no more."""
    if act is None:
        _sessions.pop(session_token, None)
    else:
        _sessions[session_token] = act


def acted(environ: dict[str, Any]) -> None:
    """A call has had its effect."""
    if act := _sessions.get(environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")):
        act()


def name_action(environ: dict[str, Any]) -> None:
    """Write on a request in the query protocol what it asks for, which stands in its form or in its address."""
    if speaks_query(environ):
        environ["localcloud.action"] = dict(fields_of(environ)).get("Action", "")


def record(environ: dict[str, Any], status: str) -> None:
    """Remember an answered call."""
    caller = caller_of(environ).name
    RECENT.append(Call(time.time(), service_of(environ), operation_of(environ), caller, int(status[:3])))


def page(_: Any) -> list[dict[str, Any]]:
    """All remembered calls as a JSON document, oldest first."""
    return [asdict(call) for call in RECENT]
