"""Requests under a role pass here before they are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from localcloud.front import calls
from localcloud.front.refusals import access_denied, service_of
from localcloud.iam import checks, requests, s3
from localcloud.iam.checks import Refused

Start = Callable[..., Any]


def guarded(environ: dict[str, Any], start: Start, answer: Callable[[Start], Iterable[bytes]]) -> Iterable[bytes]:
    """The answer, or AWS's refusal. Whoever has no role passes unasked."""
    caller = calls.caller_of(environ)
    if not caller.role:
        return answer(start)
    try:
        checks.require(caller.role, requests.needs(environ, checks.place()), caller.name)
        if service_of(environ) == "s3" and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return _unless_absent(environ, start, answer, caller)
    except Refused as refused:
        return access_denied(environ, str(refused))(environ, start)
    return answer(start)


def _unless_absent(
    environ: dict[str, Any], start: Start, answer: Callable[[Start], Iterable[bytes]], caller: calls.Caller
) -> Iterable[bytes]:
    """S3 tells only those who may list a bucket that an object is not there."""
    told: list[tuple[Any, ...]] = []
    body = list(answer(lambda *given: told.append(given)))
    if str(told[-1][0]).startswith("404"):
        checks.require(caller.role, s3.missing(requests.path_of(environ)), caller.name)
    start(*told[-1])
    return body
