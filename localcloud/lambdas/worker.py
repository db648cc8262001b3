"""One process of one function: started, given one event at a time, held to its limits, ended."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.background import spawn
from localcloud.faults import injection
from localcloud.faults.fault_file import Fault
from localcloud.front import calls
from localcloud.lambdas import memory as lambda_memory
from localcloud.lambdas.fork_server import Prefork
from localcloud.lambdas.output import Output
from localcloud.lambdas.runtime_api import NextEvent, RuntimeApi

log = logging.getLogger(__name__)
INIT_TIMEOUT_S = 10.0  # Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html


@dataclass(frozen=True)
class Function:
    """What a worker needs to know of a function's version."""

    name: str
    arn: str
    version: str
    handler: str
    timeout_s: int
    memory_mb: int
    environment: dict[str, str]
    code: Path
    layers: tuple[Path, ...]
    runtime: Path
    log_group: str


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended. ``error`` is None, or what the ``X-Amz-Function-Error`` header says."""

    payload: bytes
    error: str | None
    log: tuple[str, ...]
    request_id: str


@dataclass
class Invocation:
    """One event for one worker."""

    payload: bytes
    arn: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_context: str | None = None
    answer: bytes | None = None
    error: str | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Worker:
    """A process that handles one invocation after the other. Not reused after an error that ended it."""

    def __init__(self, function: Function, prefork: Prefork, api: RuntimeApi, gone: Callable[[Worker], None]) -> None:
        self.function = function
        self.alive = True
        self._gone = gone
        self._api = api
        self._inbox: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._ready = threading.Event()  # initialised, or it never will be
        self._current: Invocation | None = None
        self._init_error: bytes | None = None
        self._status: int | None = None
        self._killed_for: str | None = None
        self._cold = True
        self._fault: Fault | None = None
        self._calls = 0
        self._session_token = uuid.uuid4().hex  # tells this process's calls from others'
        self._started = time.monotonic()
        self._init_ms = 0.0
        self.stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{function.version}]{uuid.uuid4().hex}"
        self._output = Output(function.log_group, self.stream)
        self._server = api.open(self)
        request = {
            "environment": self._environment(),
            "folder": str(function.code),
            "path": [str(function.code), *_python_folders(function.layers), str(function.runtime)],
            "handler": function.handler,
        }
        self.pid = prefork.fork(request, self._output.writer, self._ended)
        self._output.begin()

    def _environment(self) -> dict[str, str]:
        """The function's variables and AWS's reserved ones.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        function = self.function
        return {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": os.pathsep.join([*(str(layer / "bin") for layer in function.layers), os.defpath]),
            "LD_LIBRARY_PATH": os.pathsep.join(
                [str(function.code), str(function.code / "lib"), *(str(layer / "lib") for layer in function.layers)]
            ),
            "PYTHONPATH": str(function.runtime),
            **function.environment,
            "AWS_SESSION_TOKEN": self._session_token,
            "LAMBDA_TASK_ROOT": str(function.code),
            "LAMBDA_RUNTIME_DIR": str(function.runtime),
            "_HANDLER": function.handler,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.getsockname()[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.stream,
        }

    # --- called by the worker's port

    def next_event(self) -> NextEvent | None:
        """The worker is idle: its initialisation, or its last event, is behind it."""
        if not self._ready.is_set():
            self._init_ms = (time.monotonic() - self._started) * 1000
            self._ready.set()
        invocation = self._inbox.get()
        if invocation is None:
            return None
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.function.timeout_s) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        return NextEvent(invocation.payload, headers)

    def answered(self, request_id: str, body: bytes, error_type: str | None) -> None:
        """The handler returned or raised."""
        current = self._current
        if current is not None and current.request_id == request_id:
            current.answer, current.error = body, "Unhandled" if error_type else None
            current.done.set()

    def init_failed(self, body: bytes) -> None:
        """The handler could not be loaded; the process ends by itself."""
        self._init_error = body
        self._ready.set()

    # --- called by the pool

    def run(self, invocation: Invocation) -> Outcome:
        """Handle one event; the answer is the handler's, or the platform's when the process failed or was ended."""
        self._current = invocation
        self._strike()
        began = time.monotonic()
        tail = self._output.start(invocation.request_id, self.function.version)
        with lambda_memory.watched(self):
            self._await(invocation)
        payload, error = self._result(invocation)
        self._current = None
        if error and not self._reusable():
            self.stop()
        ms = (time.monotonic() - began) * 1000
        peak = lambda_memory.peak_mb(self.pid) if self.alive else None
        self._output.finish(invocation.request_id, self._report(invocation, ms, peak))
        self._cold = False
        return Outcome(payload, error, tuple(tail), invocation.request_id)

    def _strike(self) -> None:
        """A fault may let this invocation end after so many of its calls."""
        self._fault, self._calls = injection.pick("functions", function=self.function.name), 0
        calls.on_call(self._session_token, self._called if self._fault is not None else None)

    def _called(self) -> None:
        self._calls += 1
        if self._fault is not None and self._calls == self._fault.after_call:
            self.kill("fault")

    def _await(self, invocation: Invocation) -> None:
        self._ready.wait(INIT_TIMEOUT_S + self.function.timeout_s)
        if self._init_error is None and self._status is None and self._ready.is_set():
            self._inbox.put(invocation)
            invocation.done.wait(self.function.timeout_s)

    def _reusable(self) -> bool:
        return self.alive and self._current is None and self._init_error is None and self._killed_for is None

    def _result(self, invocation: Invocation) -> tuple[bytes, str | None]:
        if invocation.answer is None:
            return self._failure(invocation)
        if (lambda_memory.peak_mb(self.pid) or 0) > self.function.memory_mb:
            self.kill("memory")  # it was over its limit between two looks
            return self._failure(invocation)
        return invocation.answer, invocation.error

    def _failure(self, invocation: Invocation) -> tuple[bytes, str]:
        request_id = invocation.request_id
        if self._init_error is not None:
            return self._init_error, "Unhandled"
        if self._status is None and self._killed_for is None:
            self._killed_for = "timeout"
            message = f"Task timed out after {self.function.timeout_s:.2f} seconds"
            now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{int(time.time() * 1000) % 1000:03d}Z"
            self._output.say(f"{now} {request_id} {message}")
            return _error("Sandbox.Timedout", f"{now} {request_id} {message}"), "Unhandled"
        kind = "Runtime.OutOfMemory" if self._killed_for == "memory" else "Runtime.ExitError"
        message = f"RequestId: {request_id} Error: Runtime exited {_how(self._status, self._killed_for)}"
        self._output.say(f"{message}\n{kind}")
        return _error(kind, message), "Unhandled"

    def _report(self, invocation: Invocation, ms: float, peak_mb: int | None) -> str:
        mb = self.function.memory_mb
        used = mb if self._killed_for == "memory" else peak_mb
        parts = [
            f"REPORT RequestId: {invocation.request_id}",
            f"Duration: {ms:.2f} ms",
            f"Billed Duration: {int(ms) + 1} ms",
            f"Memory Size: {mb} MB",
            f"Max Memory Used: {used if used is not None else 0} MB",
        ]
        if self._cold:
            parts.append(f"Init Duration: {self._init_ms:.2f} ms")
        return "\t".join(parts) + "\t"

    def kill(self, reason: str) -> None:
        """End the process now; its invocation answers why."""
        self._killed_for = self._killed_for or reason
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End the process and everything it started."""
        self.alive = False
        self.kill("stop")
        self._inbox.put(None)

    def wait_until_ready(self, timeout_s: float) -> None:
        """Return when the handler is loaded, or cannot be."""
        self._ready.wait(timeout_s)

    def _ended(self, status: int) -> None:
        self.alive = False
        self._status = status
        calls.on_call(self._session_token, None)
        self._api.close(self._server)
        self._inbox.put(None)
        self._ready.set()
        if (current := self._current) is not None:
            current.done.set()
        self._output.close()
        spawn(self._gone, self)


def _python_folders(layers: tuple[Path, ...]) -> list[str]:
    """Where a layer's Python packages lie.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    found: list[str] = []
    for layer in layers:
        found += [str(path) for path in sorted(layer.glob("python/lib/python3.*/site-packages"))]
        found.append(str(layer / "python"))
    return found


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _how(status: int | None, reason: str | None) -> str:
    if status is not None and status >= 0 and reason is None:
        return f"with error: exit status {status}" if status else "without providing a reason"
    if status == -signal.SIGKILL or status is None:
        return "with error: signal: killed"
    return f"with error: signal: {signal.Signals(-status).name}"
