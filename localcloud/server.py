"""The server: moto's API and this package's own routes on one port: of loopback, and of one more address if asked."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from localcloud import instance_limits
from localcloud.application import Application, route
from localcloud.background import hear, spawn
from localcloud.faults import injection
from localcloud.front import calls, memory, moto_patches, state_folder
from localcloud.front.origins import Door
from localcloud.front.startup_locks import listen, port_of_state, take_folder
from localcloud.front.supported import SERVICES
from localcloud.settings import ACCESS_KEY, ACCOUNT_ID, LOOPBACK, REGION, SECRET_KEY, Cloud, parse_once

if TYPE_CHECKING:
    from localcloud.front.listener import Listener
    from localcloud.snapshot.store import Store

log = logging.getLogger(__name__)
LONGEST_END_S = 4.0  # from SIGTERM on
# In this order: later parts use earlier ones.
PARTS = (
    "front.services",
    "dynamodb",
    "iam",
    "bus.targets",
    "watch.logs",
    "bus.events",
    "bus.scheduler",
    "bus.buckets",
    "bus.topics",
    "watch.alarms",
    "sqs",
    "lambdas",
    "lambdas.queues",
    "gateway",
    "lambdas.urls.function_urls",
    "stepfunctions",
    "templates",
    "sagemaker",
    "sagemaker.service_quotas",
)
# Which process this is. An id of a process is given anew when it ends; that of its start is not.
WHO = {"pid": os.getpid(), "start": uuid.uuid4().hex}


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
            if hasattr(module := sys.modules.get(f"localcloud.{part}"), "stop"):
                module.stop()  # type: ignore[union-attr]
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
    from localcloud import own_reads
    from localcloud.front.listener import Listener  # imports moto, which has to be configured first
    from localcloud.own_calls import answered_by, read_from

    http = [Listener(listener, application) for listener in listeners]
    cloud.answer_directly("before-send", answered_by(http[0]))
    cloud.answer_directly("before-call.s3.GetObject", read_from(http[0], own_reads.read))
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
    from localcloud.bus import events, topics
    from localcloud.iam import attached, checks
    from localcloud.pages import views
    from localcloud.templates import custom_resources

    route("health", lambda _: {"status": "ok", **WHO, "url": cloud.url, "state": str(cloud.state_dir)})
    route("calls", calls.page)
    route("permissions", checks.page)
    route("roles", lambda _: attached.roles(cloud.account_id))
    route("events", lambda _: list(events.RECENT))
    route("outbox", topics.outbox)
    route("", partial(views.home, cloud))
    for name, page in {"outbox": views.outbox, "events": views.bus, "logs": views.logs}.items():
        route(f"pages/{name}", partial(page, cloud))
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
