"""The server: moto's API and this package's own routes on one port: of loopback, and of one more address if asked."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from localcloud import instance_limits
from localcloud.background import hear, spawn
from localcloud.faults import injection
from localcloud.front import calls, memory, moto_patches, services, state_folder
from localcloud.front.malformed import s3, shapes, texts
from localcloud.front.origins import Door, of_environ, refusal
from localcloud.front.refusals import from_elsewhere, internal_failure, not_implemented, refused
from localcloud.front.startup_locks import listen, port_of_state, take_folder
from localcloud.front.supported import SERVICES
from localcloud.front.virtual_hosts import by_path
from localcloud.settings import ACCESS_KEY, ACCOUNT_ID, LOOPBACK, REGION, SECRET_KEY, Cloud, parse_once

if TYPE_CHECKING:
    from localcloud.front.listener import Listener
    from localcloud.snapshot.store import Store

log = logging.getLogger(__name__)
OWN = "/_localcloud"
LONGEST_END_S = 4.0  # from SIGTERM on
# In this order: later parts use earlier ones.
PARTS = (
    "front.services",
    "dynamodb",
    "iam",
    "bus.targets",
    "watch.logs",
    "bus.events",
    "bus.buckets",
    "bus.topics",
    "watch.alarms",
    "sqs",
    "lambdas",
    "lambdas.queues",
    "gateway",
    "lambdas.function_urls",
    "stepfunctions",
    "templates",
    "sagemaker",
    "sagemaker.service_quotas",
)
# Which process this is. An id of a process is given anew when it ends; that of its start is not.
WHO = {"pid": os.getpid(), "start": uuid.uuid4().hex}

Start = Callable[..., Any]
Route = Callable[[Request], Any]
ROUTES: dict[str, Route] = {}  # path below /_localcloud -> what answers it with a JSON document


def route(path: str, answer: Route) -> None:
    """Answer ``/_localcloud/<path>`` with the JSON document that ``answer`` makes; its BadRequest is a 400."""
    ROUTES[path] = answer


class Application:
    """WSGI: this machine's programs only; own routes first, then moto; DynamoDB one call at a time."""

    def __init__(self, changed: Callable[[], object], door: Door) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication

        from localcloud.gateway import calling
        from localcloud.iam import gate
        from localcloud.lambdas import function_urls
        from localcloud.persistence import items

        self._apis = calling
        self._changed = changed  # told of every request
        self._door = door
        self._gate = gate
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
        calls.name_form_action(environ)
        start = _sandboxed(environ, _recording(environ, start))
        if fault := texts.find_fault(environ) or s3.find_unread_fault(environ):
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
        return Response(json.dumps(answer(request), default=str), mimetype="application/json")
    except BadRequest as error:
        return Response(json.dumps({"message": error.description}), 400, mimetype="application/json")


@dataclass
class Server:
    """A running local cloud."""

    cloud: Cloud
    _http: list[Listener]
    _lock: TextIO
    _store: Store | None

    def serve(self) -> None:
        """Answer requests until ``stop``."""
        first, *others = self._http
        for other in others:
            threading.Thread(target=other.serve_forever, args=(0.2,), daemon=True, name="http").start()
        first.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """Answer no more, and end every process that was started. Not from the thread that serves."""
        for http in self._http:
            http.shutdown()
            http.server_close()
        if self._store is not None:
            self._store.end()
        (self.cloud.state_dir / "server.json").unlink(missing_ok=True)
        for part in reversed(PARTS):
            module = sys.modules.get(f"localcloud.{part}")
            if module is not None and hasattr(module, "stop"):
                module.stop()
        self._lock.close()


def start(state_dir: Path, port: int, host: str = LOOPBACK, *, enforce_iam: bool = False, keep: bool = False) -> Server:
    """Bind the port, take the state folder, and install every part. Port 0 takes a free one.

    ``host`` is listened on besides loopback, which this process itself needs; 0.0.0.0 is every address. With ``keep``
    the state is saved in the folder, and what was saved there before goes on.

    Raises:
        CannotStart: the port is taken, ``host`` is not an address of this machine, a live server uses the folder, or
            its saved state is not for this port or not of these versions.
    """
    state_dir = state_dir.resolve()
    lock = take_folder(state_dir)
    listeners = listen(port_of_state(state_dir, port) if keep else port, host)
    cloud = Cloud(state_dir, listeners[0].getsockname()[1], enforce_iam=enforce_iam)
    _configure_moto(cloud)
    _log_to(state_dir / "server.log")
    for part in PARTS:
        import_module(f"localcloud.{part}").install(cloud)
    _own_routes(cloud)
    store = _store(cloud) if keep else None
    application = Application(store.changed if store else lambda: None, Door(cloud.port, host))
    from localcloud.front.listener import Listener  # imports moto, which has to be configured first

    http = [Listener(listener, application) for listener in listeners]
    state_folder.describe(state_dir / "server.json", {**WHO, "port": cloud.port, "url": cloud.url})
    gc.freeze()  # what is loaded stays: a collection that looks at it all stops every thread for a quarter of a second
    return Server(cloud, http, lock, store)


def _store(cloud: Cloud) -> Store:
    from localcloud.snapshot.store import Store  # imports moto, which has to be configured first

    store = Store(cloud, [import_module(f"localcloud.{part}") for part in PARTS], SERVICES)
    store.load()
    spawn(store.keep)
    return store


def _configure_moto(cloud: Cloud) -> None:
    """Before moto is imported, or at least before its first use."""
    os.environ.update(
        MOTO_PORT=str(cloud.port),
        MOTO_ACCOUNT_ID=ACCOUNT_ID,
        MOTO_IAM_LOAD_MANAGED_POLICIES="true",
        MOTO_DISABLE_GLOBAL_CORS="true",  # it permits every page of every origin
        MOTO_S3_DEFAULT_KEY_BUFFER_SIZE=str(1 << 20),
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=SECRET_KEY,
    )
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        os.environ.pop(name, None)
    parse_once()
    moto_patches.leave_out("moto.batch")
    from moto.core.config import default_user_config

    default_user_config["stepfunctions"] = {"execute_state_machine": True}


def _log_to(path: Path) -> None:
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("localcloud").setLevel(logging.INFO)


def _own_routes(cloud: Cloud) -> None:
    from localcloud.bus import events
    from localcloud.iam import attached, checks
    from localcloud.templates import custom_resources

    route("health", lambda _: {"status": "ok", **WHO, "url": cloud.url, "state": str(cloud.state_dir)})
    route("calls", calls.page)
    route("permissions", checks.page)
    route("roles", lambda _: attached.roles(cloud.account_id))
    route("events", lambda _: list(events.RECENT))
    route("capacity", instance_limits.page)
    route("faults", injection.page)
    route(custom_resources.PAGE, custom_resources.page)


def run(state_dir: Path, port: int, host: str = LOOPBACK, *, enforce_iam: bool = False, keep: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; says ``ready URL`` on standard output when it answers."""
    memory.give_back()
    os.umask(state_folder.OTHERS)  # also of every job, function and model server
    server = start(state_dir, port, host, enforce_iam=enforce_iam, keep=keep)
    heard = hear(signal.SIGTERM, signal.SIGINT)
    serving = threading.Thread(target=server.serve, daemon=True, name="http")
    serving.start()
    sys.stdout.write(f"ready {server.cloud.url}\n")
    sys.stdout.flush()
    heard.recv(1)
    threading.Thread(target=_end_at_the_latest, daemon=True).start()
    server.stop()


def _end_at_the_latest() -> None:
    """A child that does not react holds nothing up: the state is saved by then, and children end with this process."""
    time.sleep(LONGEST_END_S)
    log.warning("the processes that were started did not all end within %s s", LONGEST_END_S)
    os._exit(0)
