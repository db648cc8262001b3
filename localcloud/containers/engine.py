"""A container engine of this machine: whether it has an image, and one container of it as a job's process.

Docker's command line is asked, so that whatever configures it (DOCKER_HOST, a context) holds here, too. Nothing is
pulled. A job's container shares this machine's network, where the local cloud listens; of its files it sees the folders
of its job alone. It has a label, by which a local cloud that starts again ends what an earlier one left behind.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from localcloud.containers import requirements
from localcloud.containers.tasks import Container, Task, lines_of

DOCKER = "docker"
LABEL = "localcloud.state"
OPT_ML = PurePosixPath("/opt/ml")
ANSWER_WITHIN_S = 60
OF_THIS_MACHINE = ("", "unix://")  # an engine elsewhere sees neither a job's folder nor the local cloud
NOT_ITS_OWN = (requirements.CACHE,)  # variables that speak of this machine's folders


def holds(image: str) -> bool:
    """Whether an engine of this machine answers and has the image."""
    if image.startswith("-") or not reachable(sys.platform, os.environ):
        return False
    return _ask("image", "inspect", image) is not None


def reachable(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether an engine that is there would share this machine's files and network: Linux, and no other machine's."""
    kind, separator, _ = environment.get("DOCKER_HOST", "").partition("//")
    return platform == "linux" and kind + separator in OF_THIS_MACHINE and shutil.which(DOCKER) is not None


def create_command(name: str, state: Path, task: Task, container: Container) -> list[str]:
    """The command line that makes a task's container; never with more rights than Docker gives any container."""
    entrypoint, *before = container.entrypoint or ("",)
    options = ["--rm", "--name", name, "--label", f"{LABEL}={state}", *_network(container)]
    for variable, value in task.env.items():
        if variable not in NOT_ITS_OWN:
            options += ["--env", f"{variable}={value}"]
    for path in dict.fromkeys((*container.read_only, *container.writable)):
        options += ["--mount", _mount(folder(task, path), path, read_only=path not in container.writable)]
    if entrypoint:
        options += ["--entrypoint", entrypoint]
    return [DOCKER, "create", *options, container.image, *before, *container.arguments]


def _network(container: Container) -> list[str]:
    """The options that say what a container reaches, and who reaches it."""
    if container.port is not None:  # each serves at the same port, so none has this machine's
        return ["--publish", f"127.0.0.1::{container.port}"]
    return ["--network", "none" if container.isolated else "host"]


def folder(task: Task, path: str) -> Path:
    """Where a container's path under /opt/ml is on this machine."""
    return task.opt_ml.joinpath(*PurePosixPath(path).relative_to(OPT_ML).parts)


def _mount(source: Path, target: str, *, read_only: bool) -> str:
    """A bind mount as ``--mount`` takes it: a row of CSV."""
    row = io.StringIO()
    fields = ["type=bind", f"source={source}", f"target={target}", *(["readonly"] if read_only else [])]
    csv.writer(row, lineterminator="").writerow(fields)
    return row.getvalue()


class ContainerRun:
    """A container that was made, and the command that starts it and hears it."""

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        self._problem = problem  # why it could not be made
        output, theirs = os.pipe()
        try:
            self._process = subprocess.Popen(
                [DOCKER, "start", "--attach", name],
                stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(theirs)
        self._output = output

    def chunks(self) -> Iterator[list[str]]:
        """The output's complete lines, as many as are there each time; first why there is no container."""
        if self._problem:
            yield self._problem.splitlines()
        yield from lines_of(self._output)

    def wait(self, timeout_s: float | None = None) -> int | None:
        """The exit code as the engine tells it (128 and more: a signal ended it); None when it still runs."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def published(self, port: int) -> int | None:
        """The port of this machine that is the container's; None while it does not run."""
        told = _ask("port", self.name, str(port))
        return int(told.split()[0].rpartition(":")[2]) if told else None

    def signal(self, number: int) -> None:
        """Signal the container's first process; one that does not run yet, or is to be killed, is removed."""
        code = self._process.poll()
        if code is not None and code >= 0:
            return
        if number == signal.SIGKILL or _ask("kill", "--signal", str(number), self.name) is None:
            _ask("rm", "--force", self.name)


class Engine:
    """The engine as one local cloud uses it: ``state`` is the cloud's folder, by which its containers are known."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._used = state / "containers"  # is there as long as a container may be
        self._lock = threading.Lock()
        self._alone = False  # nothing of an earlier cloud is left

    def start(self, task: Task, container: Container) -> ContainerRun:
        """Start a container."""
        for path in (*container.read_only, *container.writable):
            folder(task, path).mkdir(parents=True, exist_ok=True)
        self._end_earlier()
        self._used.touch()
        name = f"localcloud-{uuid.uuid4().hex[:16]}"
        done = subprocess.run(
            create_command(name, self._state, task, container), capture_output=True, text=True,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return ContainerRun(name, done.stderr if done.returncode else "")

    def recover(self) -> None:
        """End the containers that a local cloud before this one left."""
        if self._used.exists():
            self._end_earlier()

    def close(self) -> None:
        """End every container."""
        with self._lock:
            if self._alone:
                self._end_all()
                self._used.unlink(missing_ok=True)

    def _end_earlier(self) -> None:
        with self._lock:
            if not self._alone:
                self._end_all()
                self._alone = True

    def _end_all(self) -> None:
        found = _ask("ps", "--all", "--quiet", "--filter", f"label={LABEL}={self._state}")
        if found:
            _ask("rm", "--force", *found.split())


def _ask(*words: str) -> str | None:
    """What Docker answers; None where it fails, or does not answer in time."""
    try:
        done = subprocess.run(
            [DOCKER, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=ANSWER_WITHIN_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
