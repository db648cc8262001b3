"""Which services there are, as moto has them, and the application that answers for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from importlib import import_module
from typing import Any

from botocore import xform_name
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestedRangeNotSatisfiable

from localcloud import journaling
from localcloud.background import spawn
from localcloud.front import credentials, moto_patches
from localcloud.front.absent import copy_conditions
from localcloud.front.absent import things as absent
from localcloud.front.answers import plain_objects, remembered, wire
from localcloud.front.bounds import requests as bounds
from localcloud.front.keys import requests as keys
from localcloud.front.malformed import s3_queries
from localcloud.front.malformed.texts import Fault
from localcloud.front.members import unread_body
from localcloud.front.members.refusing import is_of_another_owner, refusals
from localcloud.front.operation_names import bindings, operation_name
from localcloud.front.refusals import from_elsewhere, not_implemented, refused, service_of
from localcloud.front.supported import SERVICES, is_refused
from localcloud.settings import ACCOUNT_ID, Cloud

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]
# What moto answers beside AWS's APIs: a page and switches for tests, and the credentials of an EC2 instance.
MOTOS_OWN = ("/moto-api", "/favicon.ico", "/latest/meta-data/", "/latest/api/")
FORM = "application/x-www-form-urlencoded"
READ_BY_NOBODY = "localcloud-no-form=1"
_names: tuple[str, ...] = ()
_direct: dict[str, Application] = {}


def install(_: Cloud) -> None:
    """Let moto look up once what does not change: its services, whose an address is, and what a service can do."""
    global _names  # one moto per process
    if not _names:
        list_services = moto_patches.replace("moto.backends:list_of_moto_modules", lambda: _names)
        _names = tuple(list_services())
        _remember("moto.moto_server.werkzeug_app:DomainDispatcherApplication.get_backend_for_host")
        _remember("moto.core.responses:method_names_from_class")
        _forget()
        keys.know_by_arn()
        plain_objects.install()
        remembered.install()
        spawn(bindings, "s3")  # a sixth of a second that no first request has to wait for


def answer_directly(service: str, answer: Application) -> None:
    """Let ``answer`` answer all that is supported of one of moto's services, past moto's routing, which costs a call as
    much as the container behind an endpoint takes.
    """
    _direct[service] = answer


def _forget() -> None:
    """Let go of what nobody uses: moto keeps every object that it ever made, for a page that is not here."""

    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 - moto's name for it
        del args, kwargs
        return super(BaseModel, cls).__new__(cls)

    from moto.core.common_models import BaseModel

    moto_patches.replace("moto.core.common_models:BaseModel.__new__", __new__)


def _remember(path: str) -> None:
    answer = cache(moto_patches.replace(path, lambda *asked: answer(*asked)))


def past_motos_own(environ: dict[str, Any]) -> dict[str, Any]:
    """The request as moto's dispatcher is to see it: none of moto's own paths, which may name a bucket.

    Raises:
        NotImplementedError: nobody signed it, so that it can only mean moto's own; or it asks what a page may do.
    """
    if environ["REQUEST_METHOD"] == "OPTIONS":
        raise NotImplementedError("It is a browser's question, and no page is answered")
    if not environ["PATH_INFO"].startswith(MOTOS_OWN):
        return environ
    if credentials.of(environ) is None:
        raise NotImplementedError("What moto has for itself is not here")
    return {**environ, "PATH_INFO": "/"}


def without_form(environ: dict[str, Any]) -> dict[str, Any]:
    """The request with a query that means nothing, where it has none that counts, and is no form.

    Without a query moto takes any body for a form, and then every header for a parameter: a line of a log that has
    ``&Action=DeleteLogGroup&`` in it would delete one.
    """
    is_form = str(environ.get("CONTENT_TYPE", "")).startswith(FORM)
    by_address = environ.get("QUERY_STRING") and "HTTP_X_AMZ_TARGET" not in environ
    if is_form or by_address or service_of(environ) == "s3":
        return environ
    return {**environ, "QUERY_STRING": READ_BY_NOBODY}


def app_of(service: Any) -> Application:
    """The application that answers for one of moto's services: 501 for what the local cloud does not have.

    What a request has changed is recorded before it is answered.
    """
    supported = SERVICES.get(service)
    if supported is None:
        return _refuse_all
    from localcloud.persistence import requests  # imports moto, which has to be configured first

    app = _direct.get(service) or _moto_app(service)

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        asked = SERVICES["apigatewayv2"] if service == "apigateway" and _is_second(environ) else supported
        if environ.get("localcloud.permitted", asked.signed_as) != asked.signed_as:
            said = f"signed for {environ['localcloud.permitted']}, and {asked.title} would answer"
            return from_elsewhere({**environ, "localcloud.service": asked.signed_as}, said)(environ, start)
        operation = _operation(asked.model, environ)
        if is_refused(asked, operation) if operation is not None else service in _direct:
            return _refuse(environ, start, asked.signed_as, operation)
        if operation is not None and (fault := _fault(service, asked.model, operation, environ)):
            return refused(_named(environ, asked.signed_as, operation), *fault)(environ, start)
        with journaling.request():
            answered = wire.send(app, asked.model, operation, environ, start)
            requests.record_request(service, ACCOUNT_ID, operation, environ)
        return answered

    return answer


def _fault(service: str, model: str, operation: str, environ: dict[str, Any]) -> Fault | None:
    """The first thing for which a request is refused before anybody acts on it."""
    if unread := unread_body.find_fault(model, operation, environ):
        return unread
    if service == "s3" and (address := s3_queries.find_fault(operation, environ)):
        return address
    if told := refusals(service, model, operation, environ, ACCOUNT_ID):
        return Fault("NotImplemented", f"{operation}: {'; '.join(told)}", HTTPStatus.NOT_IMPLEMENTED)
    if service == "s3" and is_of_another_owner(environ, ACCOUNT_ID):
        return Fault("AccessDenied", "Access Denied", HTTPStatus.FORBIDDEN)
    fault = bounds.find_fault(service, model, operation, environ)
    if fault and _is_there(service, operation):
        return fault
    looks = (keys.find_fault, absent.find_fault, copy_conditions.find_fault)
    return next(filter(None, (look(service, operation, environ) for look in looks)), None)


def _is_there(service: str, operation: str) -> bool:
    """Whether anybody answers an operation that is not refused: moto has not all of a service's."""
    if SERVICES[service].played:
        return True
    classes = vars(import_module(f"moto.{service}.responses")).values()
    return any(hasattr(one, xform_name(operation)) for one in classes)


def _is_second(environ: Mapping[str, Any]) -> bool:
    """Whether a request is for API Gateway's second service, which is signed as the first."""
    return str(environ["PATH_INFO"]).startswith("/v2/")


def _moto_app(service: str) -> Any:
    from moto.moto_server.werkzeug_app import create_backend_app

    app = create_backend_app(service)
    app.debug = False  # moto says True: then Flask makes a class per request, whose cycle keeps the request's body
    app.config["PROPAGATE_EXCEPTIONS"] = True
    if service == "s3":
        app.request_class = _keeping_bodies(app.request_class)
        app.register_error_handler(RequestedRangeNotSatisfiable, _no_such_part)

    def no_such_route(error: HTTPException) -> Any:
        from flask import request

        models = [one.model for one in SERVICES.values() if one.signed_as == SERVICES[service].signed_as]
        operations = (_operation(model, request.environ) for model in models)
        return not_implemented(_named(request.environ, models[0], next(filter(None, operations), None)), "")

    for kind in (NotFound, MethodNotAllowed):
        app.register_error_handler(kind, no_such_route)
    return app


def _no_such_part(_: HTTPException) -> Any:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (InvalidPartNumber)"""
    from flask import request

    said = "The requested partnumber is not satisfiable"
    return refused(request.environ, "InvalidPartNumber", said, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)


def _keeping_bodies(kind: type[Any]) -> type[Any]:
    """Requests of which only a form of a browser's is one: an object is whatever its Content-Type says, and moto would
    keep nothing of one that calls itself a form, as curl calls all that it sends.
    """

    class WholeBodies(kind):  # type: ignore[misc]
        @property
        def want_form_data_parsed(self) -> bool:
            return bool(self.method == "POST" and super().want_form_data_parsed)

    return WholeBodies


def _refuse_all(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Refuse whatever a service is asked that the local cloud does not have."""
    service = service_of(environ)
    return _refuse(environ, start, service, _operation(service, environ))


def _refuse(environ: dict[str, Any], start: Start, service: str, operation: str | None) -> Iterable[bytes]:
    return not_implemented(_named(environ, service, operation), "")(environ, start)


def _named(environ: dict[str, Any], service: str, operation: str | None) -> dict[str, Any]:
    """The request with what it asks for written on it, where its protocol does not say it."""
    return {**environ, "localcloud.service": service} | ({"localcloud.action": operation} if operation else {})


def _operation(model: str, environ: Mapping[str, Any]) -> str | None:
    """The operation that a request asks for; None: it has no name."""
    path = str(environ["PATH_INFO"])
    if bindings(model):
        return _rest_operation(model, environ, path)
    if "HTTP_SMITHY_PROTOCOL" in environ:  # https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
        return path.rpartition("/")[2]
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    return target.rpartition(".")[2] or environ.get("localcloud.action") or None


def _rest_operation(model: str, environ: Mapping[str, Any], path: str) -> str | None:
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    headers = frozenset(name[5:].replace("_", "-").lower() for name in environ if name.startswith("HTTP_"))
    quoted = str(environ.get("RAW_URI") or path).partition("?")[0]  # an ARN in a path has slashes of its own
    return operation_name(model, method, path, query, headers) or operation_name(model, method, quoted, query, headers)
