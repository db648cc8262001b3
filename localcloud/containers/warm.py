"""A warm process: one thread, the images' libraries imported, forking a child per job and model server.

``python -m localcloud.containers.warm FD VIEW`` serves requests on the socket FD (VIEW empty: find out). A request is
four bytes of length, then JSON ``{"command" | "call", "env", "cwd", "opt_ml"}``, with two file descriptors: the output,
and where the pid and the exit code are reported as JSON lines. When the socket closes, every child is killed.

Nothing here may run OpenMP code before the fork: libgomp's threads do not survive it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import selectors
import signal
import socket
import struct
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from localcloud.containers import runner, sandbox

LIBRARIES = (
    "argparse", "csv", "tarfile", "logging.config", "multiprocessing", "concurrent.futures", "http.server", "hashlib",
    "numpy", "pandas", "scipy.sparse", "scipy.stats", "xgboost", "sklearn.metrics", "sklearn.model_selection",
    "sklearn.preprocessing", "localcloud.containers.algorithms.xgboost_training",
    "localcloud.containers.serving.server", "localcloud.containers.algorithms.knn",
    "localcloud.containers.algorithms.linear_learner",
)  # fmt: skip
NUMBER_OF_DESCRIPTORS = 2
OPT_ML_PATH = re.compile(r"(?<![\w./-])/opt/ml(?![\w.-])")


class Warm:
    """The forking loop. Children are known by pid, each with the descriptor where its end is reported."""

    def __init__(self, control: socket.socket, view: str) -> None:
        self.control = control
        self.view = sandbox.View(view) if view else sandbox.probe()
        self.children: dict[int, int] = {}

    def serve(self) -> None:
        """Fork on request and reap, until the other end goes away."""
        woken, waker = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, _noted)
        with selectors.DefaultSelector() as ready:
            ready.register(self.control, selectors.EVENT_READ)
            ready.register(woken, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fd == woken:
                        os.read(woken, 4096)
                        self.reap()
                    elif not self.answer():
                        self.end()
                        return

    def answer(self) -> bool:
        """Fork one child for the request that waits. False when there will be none any more."""
        request, descriptors = receive(self.control)
        if request is None:
            return False
        output, report = descriptors
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            live(request, output, self.view)
        os.close(output)
        self.children[pid] = report
        _say(report, {"pid": pid, "view": self.view})
        return True

    def reap(self) -> None:
        """Report every child that has ended."""
        for pid in list(self.children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                report = self.children.pop(pid)
                _say(report, {"exit": os.waitstatus_to_exitcode(status)})
                os.close(report)

    def end(self) -> None:
        """Kill every child's process group."""
        for pid in self.children:
            kill_group(pid, signal.SIGKILL)


def live(request: dict[str, Any], output: int, view: sandbox.View) -> None:
    """Be the job: never returns."""
    code = 1
    try:
        _set_up_process(request, output)
        sandbox.enter(view, Path(request["opt_ml"]))
        if view is sandbox.View.NONE:
            _say_where(request)
        os.chdir(request["cwd"])
        _limit_threads(request["env"].get("OMP_NUM_THREADS"))
        call = request.get("call")
        if call:
            module, _, function = call.partition(":")
            code = runner.call(getattr(importlib.import_module(module), function))
        else:
            runner.forget_ourselves()
            code = runner.run(request["command"])
    except OSError as error:
        print(f"cannot start {request.get('command') or request.get('call')}: {error}", file=sys.stderr)  # noqa: T201
        sys.stderr.flush()
        code = 127
    finally:
        os._exit(code)


def receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """One request and its descriptors; None when the other end is gone."""
    head, descriptors, _, _ = socket.recv_fds(control, 4, NUMBER_OF_DESCRIPTORS)
    if len(head) < 4:
        return None, []
    (length,) = struct.unpack("!I", head)
    body = b""
    while len(body) < length:
        part = control.recv(length - len(body))
        if not part:
            return None, []
        body += part
    return json.loads(body), descriptors


def kill_group(pid: int, signal_number: int, *, or_alone: bool = False) -> None:
    """Signal a child and all that it started, ``or_alone`` where it leads no group (yet); one that is gone is fine."""
    try:
        os.killpg(pid, signal_number)
    except ProcessLookupError:
        if or_alone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal_number)
    except PermissionError:
        pass


def _set_up_process(request: dict[str, Any], output: int) -> None:
    os.setsid()
    sandbox.die_with_parent(signal.SIGKILL)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(3, 1024)
    runner.fresh_streams()
    os.environ.clear()
    os.environ.update(request["env"])


def _say_where(request: dict[str, Any]) -> None:
    """No view of its own: every /opt/ml in the command and the environment becomes the folder's real path."""
    folder = request["opt_ml"]
    request["command"] = [OPT_ML_PATH.sub(folder, part) for part in request["command"]]
    for name, value in request["env"].items():
        os.environ[name] = OPT_ML_PATH.sub(folder, value)
    os.environ["SAGEMAKER_BASE_DIR"] = folder


def _limit_threads(number: str | None) -> None:
    """libgomp read the environment when it was loaded, before the fork: tell it again."""
    if number is not None and number.isdigit():
        threadpoolctl = importlib.import_module("threadpoolctl")
        threadpoolctl.threadpool_limits(int(number), user_api="openmp")


def _noted(number: int, frame: FrameType | None) -> None:
    """SIGCHLD only has to wake the loop."""


def _say(report: int, what: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(report, json.dumps(what).encode() + b"\n")


def main() -> None:
    """Import, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    Warm(socket.socket(fileno=int(sys.argv[1])), sys.argv[2]).serve()


if __name__ == "__main__":
    main()
