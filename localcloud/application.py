"""Whom a request is for, and who answers it: our own pages, an API or a function at its address, or moto's API."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from localcloud.front import calls, services
from localcloud.front.malformed import compressed, s3, shapes, texts
from localcloud.front.members import documents
from localcloud.front.origins import Door, of_environ, refusal
from localcloud.front.refusals import from_elsewhere, internal_failure, not_implemented, refused
from localcloud.front.virtual_hosts import by_path
from localcloud.pages.html import Html

log = logging.getLogger(__name__)
OWN = "/_localcloud"
FOR_PEOPLE = {  # a page's links say where they are, so that the cloud knows its own (front/origins.py)
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "unsafe-url",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
Start = Callable[..., Any]
Route = Callable[[Request], Any]
ROUTES: dict[str, Route] = {}  # path below /_localcloud -> what answers it with a JSON document, or with Html


def route(path: str, answer: Route) -> None:
    """Answer ``/_localcloud/<path>`` with the JSON document or Html that ``answer`` makes; its BadRequest is a 400."""
    ROUTES[path] = answer


class Application:
    """WSGI: this machine's programs only; own routes first, then moto; DynamoDB one call at a time."""

    def __init__(self, changed: Callable[[], object], door: Door) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication

        from localcloud.gateway import calling
        from localcloud.iam import gate
        from localcloud.lambdas import qualifiers
        from localcloud.lambdas.urls import function_urls
        from localcloud.persistence import items

        self._apis = calling
        self._changed = changed  # told of every request
        self._door = door
        self._gate = gate
        self._functions = qualifiers
        self._urls = function_urls
        self._moto = DomainDispatcherApplication(services.app_of)
        self._dynamodb_lock = items.LOCK

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer one request."""
        of_function = self._urls.asked(environ)
        own_page = environ["PATH_INFO"].startswith(OWN) and not of_function
        if said := refusal(of_environ(environ), self._door, own_page=own_page, of_app=of_function):
            log.info("%s %s refused: %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], said)
            return from_elsewhere(environ, said)(environ, start)
        if own_page:
            return _own(Request(environ))(environ, start)
        if self._apis.is_called(environ):
            return self._apis.serve(environ, _sandboxed(environ, start))
        self._changed()
        if of_function:
            return self._urls.answer(environ, start)
        environ = by_path(environ)
        try:
            environ = compressed.unpacked(self._functions.by_name(environ))
        except ValueError as problem:
            return refused(environ, *texts.not_serialized(str(problem)))(environ, start)
        except self._functions.Elsewhere as absent:
            return refused(environ, "ResourceNotFoundException", str(absent), 404)(environ, start)
        return self._answer_call(environ, start)

    def _answer_call(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer a call of one of AWS's services."""
        calls.name_action(environ)
        start = _sandboxed(environ, _recording(environ, start))
        if fault := texts.find_fault(environ) or documents.find_fault(environ) or s3.find_unread_fault(environ):
            return refused(environ, *fault)(environ, start)
        try:
            answer = self._gate.guarded(environ, start, lambda start: self._in_turn(environ, start))
            calls.acted(environ)
            return answer
        except NotImplementedError as error:
            return not_implemented(environ, str(error))(environ, start)
        except Exception as error:
            if fault := shapes.find_fault(environ):
                log.info("%s %s refused: %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], fault.message)
                return refused(environ, *fault)(environ, start)
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return internal_failure(environ, error)(environ, start)

    def _in_turn(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            with self._dynamodb_lock:
                return list(self._answer(environ, start))
        return self._answer(environ, start)

    def _answer(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        environ = services.without_form(environ)
        app = self._moto.get_application(services.past_motos_own(environ))
        answer: Iterable[bytes] = app(environ, start)
        return answer


def _recording(environ: dict[str, Any], start: Start) -> Start:
    def started(status: str, *rest: Any) -> Any:
        calls.record(environ, status)
        return start(status, *rest)

    return started


def _sandboxed(environ: dict[str, Any], start: Start) -> Start:
    """To a browser, a page that lies in a bucket is a page of nobody: it may not ask the cloud's own pages."""

    def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start(status, [*headers, ("Content-Security-Policy", "sandbox")], *rest)

    return started if "HTTP_SEC_FETCH_SITE" in environ else start


def _own(request: Request) -> Response:
    answer = ROUTES.get(request.path.removeprefix(OWN).strip("/"))
    if answer is None:
        known = [f"{OWN}/{path}" for path in sorted(ROUTES)]
        return Response(json.dumps({"message": "no such page", "pages": known}), 404, mimetype="application/json")
    try:
        found = answer(request)
        if isinstance(found, Html):
            return Response(found, mimetype="text/html", headers=FOR_PEOPLE)
        return Response(json.dumps(found, default=str), mimetype="application/json")
    except BadRequest as error:
        return Response(json.dumps({"message": error.description}), 400, mimetype="application/json")
