"""Which services there are, as moto has them, and the application that answers for each."""

from __future__ import annotations

from functools import cache
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from localcloud.front import moto_patches
from localcloud.front.refusals import not_implemented
from localcloud.settings import Cloud

# What moto answers beside AWS's APIs: a page and switches for tests, and the credentials of an EC2 instance.
MOTOS_OWN = ("/moto-api", "/favicon.ico", "/latest/meta-data/", "/latest/api/")
_names: tuple[str, ...] = ()


def install(_: Cloud) -> None:
    """Let moto look up once what does not change: its services, whose an address is, and what a service can do."""
    global _names  # one moto per process
    if not _names:
        list_services = moto_patches.replace("moto.backends:list_of_moto_modules", lambda: _names)
        _names = tuple(list_services())
        _remember("moto.moto_server.werkzeug_app:DomainDispatcherApplication.get_backend_for_host")
        _remember("moto.core.responses:method_names_from_class")


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
    if "HTTP_AUTHORIZATION" not in environ:
        raise NotImplementedError("What moto has for itself is not here")
    return {**environ, "PATH_INFO": "/"}


def app_of(service: Any) -> Any:
    """moto's application for ``service``.

    Raises:
        NotImplementedError: there is none.
    """
    from moto.moto_server.werkzeug_app import create_backend_app

    if service not in _names:
        raise NotImplementedError(f"The local cloud has no service {service}")
    app = create_backend_app(service)
    app.debug = False  # moto says True: then Flask makes a class per request, whose cycle keeps the request's body
    app.config["PROPAGATE_EXCEPTIONS"] = True

    def no_such_route(error: HTTPException) -> Any:
        from flask import request

        return not_implemented(request.environ, "")

    for kind in (NotFound, MethodNotAllowed):
        app.register_error_handler(kind, no_such_route)
    return app
