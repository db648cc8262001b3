"""A job on its way: a process per host, its log as it is written, its end by exit, stop or time limit."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.background import later, spawn
from localcloud.containers import requirements
from localcloud.containers.launcher import Launcher
from localcloud.containers.tasks import Running, Task
from localcloud.faults import injection
from localcloud.settings import ACCESS_KEY, Cloud
from localcloud.watch import logs

GRACE_S = 120  # between SIGTERM and SIGKILL, as AWS gives
REMEMBERED = 200  # lines of output kept for a failure's reason
LONGEST_REASON = 1024
WORD_LINES = 5


@dataclass
class Work:
    """One job's processes. ``stop`` may be called from any thread at any time."""

    launcher: Launcher
    group: str
    job: str
    max_runtime_s: float
    running: list[Running] = field(default_factory=list)
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    stopped: threading.Event = field(default_factory=threading.Event)
    timed_out: bool = False
    notes: tuple[str, ...] = ()  # of this cloud's own, at the head of the log
    heard: Callable[[str], None] = lambda line: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, tasks: Sequence[tuple[str, Task]]) -> int:
        """Run a process per host; the first failing exit code, else 0. The others end when one fails."""
        readers = []
        stamp = int(time.time() * 1000)
        with self._lock:
            if self.stopped.is_set():
                return -signal.SIGTERM
            for host, task in tasks:
                running = self.launcher.start(task)
                self.running.append(running)
                self._strike(running)
                readers.append(spawn(self._listen, running, f"{self.job}/{host}-{stamp}"))
        codes = [self._end_of(running) for running in self.running]
        for reader in readers:
            reader.join(timeout=10)
        return next((code for code in codes if code != 0), 0)

    def _strike(self, running: Running) -> None:
        """A fault may end a process of the job."""
        if fault := injection.pick("jobs", job=self.job):
            later(fault.seconds, running.signal, signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM now, SIGKILL when the grace is over."""
        self.stopped.set()
        with self._lock:
            for running in self.running:
                self._terminate(running)

    def last_words(self) -> str:
        """The end of what the job wrote, at most 1,024 characters."""
        return last_words(list(self.lines))

    def _terminate(self, running: Running) -> None:
        running.signal(signal.SIGTERM)
        later(GRACE_S, lambda: running.signal(signal.SIGKILL) if running.wait(0) is None else None)

    def _end_of(self, running: Running) -> int:
        deadline = time.monotonic() + self.max_runtime_s
        code = running.wait(self.max_runtime_s)
        if code is None:
            self.timed_out = True
            running.signal(signal.SIGTERM)
            code = running.wait(GRACE_S)
        if code is None:
            running.signal(signal.SIGKILL)
            code = running.wait()
        self.max_runtime_s = max(0.0, deadline - time.monotonic())
        running.signal(signal.SIGKILL)  # whatever it left behind
        if code:
            for other in self.running:
                other.signal(signal.SIGTERM)
        return code or 0

    def _listen(self, running: Running, stream: str) -> None:
        logs.write(self.group, stream, self.notes)
        for chunk in running.chunks():
            self.lines.extend(chunk)
            for line in chunk:
                self.heard(line)
            logs.write(self.group, stream, chunk)


def last_words(lines: Sequence[str]) -> str:
    """The exception at the end of a traceback, or the last lines there are."""
    told = [line for line in lines if line.strip()]
    starts = [number for number, line in enumerate(told) if line.startswith("Traceback (most recent call last)")]
    if starts:
        trace = told[starts[-1] + 1 :]
        final = next((number for number, line in enumerate(trace) if not line.startswith(" ")), 0)
        place = [line.strip() for line in trace[:final] if line.lstrip().startswith("File ")][-1:]
        return "\n".join([*trace[final:], *place])[:LONGEST_REASON]
    return "\n".join(told[-WORD_LINES:])[-LONGEST_REASON:]


def failure_file(root: Path) -> str | None:
    """What the job wrote to /opt/ml/output/failure, its first 1,024 characters."""
    path = root / "output" / "failure"
    return path.read_text(errors="replace")[:LONGEST_REASON].strip() or None if path.is_file() else None


def final_metrics(
    definitions: Sequence[Mapping[str, str]], told: Callable[[str, float], None] | None = None
) -> tuple[Callable[[str], None], dict[str, tuple[float, float]]]:
    """A listener for log lines, and where it keeps each metric's last value and the time; ``told`` hears each."""
    patterns = [(definition["Name"], re.compile(definition["Regex"])) for definition in definitions]
    found: dict[str, tuple[float, float]] = {}

    def hear(line: str) -> None:
        for name, pattern in patterns:
            for matched in pattern.finditer(line):
                try:
                    value = float(matched[1])
                except (ValueError, IndexError):
                    continue
                found[name] = (value, time.time())
                if told is not None:
                    told(name, value)

    return hear, found


def environment(cloud: Cloud, access_key: str = ACCESS_KEY) -> dict[str, str]:
    """What every container's environment has."""
    return cloud.environment(access_key) | {
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        requirements.CACHE: str(cloud.state_dir / "packages"),
    }
