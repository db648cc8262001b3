"""Requests pass here before they are answered: of functions and jobs always, of others where policies are enforced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from localcloud.front import calls
from localcloud.front.calls import Caller
from localcloud.front.refusals import access_denied, altered_link, ended_caller, refused, service_of, unknown_caller
from localcloud.iam import callers, checks, claims, requests, s3
from localcloud.iam.callers import Person
from localcloud.iam.checks import Refused
from localcloud.iam.permissions import RequiredPermission
from localcloud.iam.signing import links

Start = Callable[..., Any]


def guarded(environ: dict[str, Any], start: Start, answer: Callable[[Start], Iterable[bytes]]) -> Iterable[bytes]:
    """The answer, or AWS's refusal. The root user passes unasked."""
    try:
        caller = _caller(environ)
        if caller is None:
            return answer(start)
        if caller is callers.LINK:
            claims.settle(environ, "sns")
            return answer(start)
        claims.check_signature(environ)
        _require(caller, requests.needs(environ, checks.place()))
        claims.settle(environ, service_of(environ))
        if service_of(environ) == "s3" and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return _unless_absent(environ, start, answer, caller)
    except claims.Contradiction as said:
        return refused(environ, "InvalidRequest", str(said), 400)(environ, start)
    except Refused as denied:
        return access_denied(environ, str(denied))(environ, start)
    except links.Altered as altered:
        return altered_link(environ, str(altered), altered.code)(environ, start)
    except callers.Ended as ended:
        return ended_caller(environ, str(ended), link=ended.link)(environ, start)
    except callers.Unknown as unknown:
        return unknown_caller(environ, str(unknown), signed=unknown.signed)(environ, start)
    return answer(start)


def _caller(environ: dict[str, Any]) -> Caller | Person | None:
    """Who has to be asked for permissions: where none are enforced, functions and jobs alone."""
    if checks.enforcing():
        return callers.of(environ, checks.place().account)
    known = calls.caller_of(environ)
    return known if known.role else None


def _require(caller: Caller | Person, needs: Iterable[RequiredPermission]) -> None:
    if isinstance(caller, Person):
        checks.require_of_person(caller.arn, needs, caller.session, caller.limits, caller.tags)
    else:
        checks.require(caller.role, needs, caller.name)


def _unless_absent(
    environ: dict[str, Any], start: Start, answer: Callable[[Start], Iterable[bytes]], caller: Caller | Person
) -> Iterable[bytes]:
    """S3 tells only those who may list a bucket that an object is not there."""
    told: list[tuple[Any, ...]] = []
    body = list(answer(lambda *given: told.append(given)))
    if str(told[-1][0]).startswith("404"):
        _require(caller, s3.missing(requests.path_of(environ)))
    start(*told[-1])
    return body
