"""``retrain up`` that a person ends before it is ready."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from cloud import bare_environment, eventually

RETRAIN = Path(sys.executable).parent / "retrain"


def servers(state: Path) -> list[psutil.Process]:
    """The local clouds that live in ``state``, ready or not."""
    return [process for process in psutil.process_iter(["cmdline"]) if {"localcloud", str(state)} <= words(process)]


def words(process: psutil.Process) -> set[str]:
    return set(process.info["cmdline"] or ())


@pytest.fixture
def heard() -> Iterator[None]:
    """What a test starts hears of Ctrl-C, also where a shell runs the tests in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
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
        code = up.wait(300)

    assert code != 0
    assert servers(state) == []
