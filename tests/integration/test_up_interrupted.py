"""``retrain up`` that a person ends before it is ready."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
from cloud import bare_environment, eventually

RETRAIN = Path(sys.executable).parent / "retrain"


def servers(state: Path) -> list[psutil.Process]:
    """The local clouds that live in ``state``, ready or not."""
    return [process for process in psutil.process_iter(["cmdline"]) if {"localcloud", str(state)} <= words(process)]


def words(process: psutil.Process) -> set[str]:
    return set(process.info["cmdline"] or ())


def test_ctrl_c_while_it_starts_leaves_no_server(tmp_path: Path) -> None:
    state = tmp_path / "state"

    with subprocess.Popen(
        [RETRAIN, "up", "--port", "0", "--state", state],
        cwd=tmp_path,
        env=bare_environment(),
        stderr=subprocess.DEVNULL,
    ) as up:
        eventually(lambda: servers(state), 60, "the server to begin")
        up.send_signal(signal.SIGINT)
        code = up.wait(60)

    assert code != 0
    assert servers(state) == []
