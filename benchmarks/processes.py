"""What processes take: a command's seconds, of the clock and of processors, and its memory; a whole tree's memory."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

ALIKE = {"OMP_WAIT_POLICY": "passive"}  # the local cloud's jobs have it; the plain script gets it too
SAMPLE_S = 0.2


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    seconds: float
    processor_s: float
    peak_mb: float
    said: str = ""


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What every measured process gets: bytecode is read and written on all sides."""
    mine = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return mine | ALIKE | dict(more or {})


def cost(*command: str | Path, **more: str) -> Cost:
    """Run one process, with ``more`` in its environment, and say what it took.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(more), text=True)
    assert process.stdout is not None
    with process.stdout as output:
        said = output.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)


def memory_mb(pid: int) -> float:
    """The memory of a process and all below it now, pages that they share counted once."""
    root, total = psutil.Process(pid), 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


class PeakMemory(threading.Thread):
    """The most memory that a process and all below it held at once, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak_mb, self.ended = pid, 0.0, threading.Event()

    def run(self) -> None:
        """Sample until ``ended`` is set."""
        while not self.ended.wait(SAMPLE_S):
            self.peak_mb = max(self.peak_mb, memory_mb(self.pid))
