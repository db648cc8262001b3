"""The process that Lambda workers are forked from. A script of its own: it imports nothing of the server's.

It runs in an interpreter without site-packages, imports what AWS's runtime folder holds (boto3 is most of a cold
start), and then forks one worker per request. Requests are JSON lines on a socket, each with the file descriptor that
becomes the worker's output; answers are JSON lines ``{"worker", "pid"}`` and ``{"exited", "status"}``. When the socket
closes, everything ends.

What a handler can observe is the same as in a fresh process: its environment, path, folder and time zone are set before
any of its code runs, and a package that brings another version of a module which is imported here already gets its own.
"""

from __future__ import annotations

import ctypes
import filecmp
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

PR_SET_PDEATHSIG = 1
LARGEST_REQUEST = 1 << 20
PARSED = ("sts", "dynamodb", "s3", "sagemaker", "stepfunctions", "sns", "sqs", "events", "lambda", "cloudwatch")


class Prefork:
    """Forks workers on request and reports their ends."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._unread = b""
        self._outputs: list[int] = []
        self._children: set[int] = set()
        self._woken, wake = socket.socketpair()
        for end in (self._woken, wake):
            end.setblocking(False)
        self._wake = wake  # kept: signal writes to it

    def serve(self) -> dict[str, Any] | None:
        """Work until the server is gone (``None``), or, in a forked worker, answer what it shall run."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as ready:
            ready.register(self._control, selectors.EVENT_READ)
            ready.register(self._woken, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fileobj is self._woken:
                        self._reap()
                    elif (request := self._read()) is not None:
                        return request or None

    def _read(self) -> dict[str, Any] | None:
        """The request to run (in the worker), an empty one at the end, or None: go on."""
        data, outputs, _, _ = socket.recv_fds(self._control, LARGEST_REQUEST, 16)
        self._outputs += outputs
        if not data:
            for pid in self._children:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            return {}
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            if self._fork(request, self._outputs.pop(0)):
                return dict(request)
        return None

    def _fork(self, request: dict[str, Any], output: int) -> bool:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become_worker(output, parent)
            return True
        os.close(output)
        self._children.add(pid)
        self._tell({"worker": request["worker"], "pid": pid})
        return False

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._children.discard(pid)
            self._tell({"exited": pid, "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, Any]) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            self._control.sendall(json.dumps(message).encode() + b"\n")


def _become_worker(output: int, parent: int) -> None:
    """Cut every tie to this process but the output."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    os.dup2(output, 1)
    os.dup2(output, 2)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.closerange(3, 4096)


def _prepare(request: dict[str, Any], plain_modules: set[str], plain_path: list[str]) -> None:
    """Make this process the function's: environment, folder, path, and no module that its package replaces."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    sys.path[:] = [*request["path"], *plain_path]
    sys.argv[:] = [os.path.join(request["runtime"], "awslambdaric"), request["handler"]]
    preloaded = set(sys.modules) - plain_modules
    roots = {name.partition(".")[0] for name in preloaded}
    brought = [(folder, name) for folder in request["path"][:-1] for name in _names(folder)]
    taken = [(folder, name) for folder, name in brought if name.removesuffix(".py") in roots]
    if not all(_same(os.path.join(folder, name), os.path.join(request["runtime"], name)) for folder, name in taken):
        for name in preloaded:
            del sys.modules[name]


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def _same(one: str, other: str) -> bool:
    """Whether two modules, each a file or a folder, are the same to the byte."""
    if os.path.isdir(one) and os.path.isdir(other):
        names = {*os.listdir(one), *os.listdir(other)} - {"__pycache__"}
        return all(_same(os.path.join(one, name), os.path.join(other, name)) for name in names)
    return os.path.isfile(one) and os.path.isfile(other) and filecmp.cmp(one, other, shallow=False)


def _preload() -> None:
    """All but ``runtime_client`` and ``bootstrap``: these read the worker's environment when they are loaded."""
    import boto3

    _keep_parsed()
    session = boto3.session.Session("none", "none", region_name="us-east-1")
    make: Any = session.client  # its stubs know literal names only
    for service in PARSED:  # a first client imports, too, what boto3 imports late
        make(service, endpoint_url="http://127.0.0.1:1")
    import awslambdaric.lambda_config
    import awslambdaric.lambda_context
    import awslambdaric.lambda_runtime_exception
    import awslambdaric.lambda_runtime_log_utils
    import awslambdaric.lambda_runtime_marshaller  # noqa: F401


def _keep_parsed() -> None:
    """Let clients find the descriptions of their services parsed: that is two thirds of the time of making one."""
    from botocore import loaders

    class Parsed(loaders.JSONFileLoader):
        files: dict[str, Any] = {}

        def load_file(self, file_path: str) -> Any:
            if file_path not in self.files:
                self.files[file_path] = super().load_file(file_path)
            return self.files[file_path]

    loaders.Loader.FILE_LOADER_CLASS = Parsed


LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def main() -> None:
    """``python -I -S forker.py RUNTIME_FOLDER SOCKET_FD``."""
    runtime, control = sys.argv[1], socket.socket(fileno=int(sys.argv[2]))
    plain_modules, plain_path = set(sys.modules), list(sys.path)
    sys.path.append(runtime)
    _preload()
    gc.collect()
    gc.freeze()
    request = Prefork(control).serve()
    if request is not None:
        _prepare(request, plain_modules, plain_path)
        runpy.run_module("awslambdaric", run_name="__main__", alter_sys=False)


if __name__ == "__main__":
    main()
