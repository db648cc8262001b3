"""Which addresses the local cloud listens on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from cloud import bare_environment

ROOT = Path(__file__).parents[2]


def serve(state: Path, *words: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "localcloud", "--port", "0", "--state", str(state), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=bare_environment(),
    )


def health(host: str, port: str) -> str:
    with urlopen(f"http://{host}:{port}/_localcloud/health", timeout=60) as answer:
        return json.load(answer)["status"]


def test_another_address_is_listened_on_besides_loopback_and_no_other(tmp_path: Path) -> None:
    with serve(tmp_path, "--host", "127.0.0.2") as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip().rpartition(":")[2]

        answers = [health("127.0.0.1", port), health("127.0.0.2", port)]
        with pytest.raises(URLError):
            health("127.0.0.3", port)
        process.terminate()

        assert answers == ["ok", "ok"]
        assert process.wait(20) == 0


def test_every_address_is_listened_on_when_that_is_meant_and_is_told_in_yellow(tmp_path: Path) -> None:
    screen, terminal = os.openpty()
    with serve(tmp_path, "--host", "0.0.0.0", "--open-to-network", stderr=terminal) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip().rpartition(":")[2]

        answer = health("127.0.0.3", port)
        process.terminate()

    said = os.read(screen, 1000).decode()
    for one in (screen, terminal):
        os.close(one)
    assert answer == "ok"
    assert said == (
        "\x1b[33mlocalcloud: open to the network at 0.0.0.0: nobody is asked who they are, "
        "and whoever reaches it runs code as you and reads all that it holds\x1b[0m\r\n"
    )


def test_the_name_of_loopback_is_loopback(tmp_path: Path) -> None:
    with serve(tmp_path, "--host", "localhost") as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip().rpartition(":")[2]

        answer = health("localhost", port) if port else process.communicate(timeout=60)[1]
        process.terminate()

    assert answer == "ok"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_beyond_loopback_it_does_not_start_unless_that_is_meant(tmp_path: Path, host: str) -> None:
    with serve(tmp_path, "--host", host) as process:
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 1
    assert f"localcloud: {host} may be reached from other machines: nobody is asked who they are" in said
    assert "say --open-to-network" in said
    assert list(tmp_path.iterdir()) == []


def test_an_address_of_another_machine_is_refused_in_words(tmp_path: Path) -> None:
    with serve(tmp_path, "--host", "192.0.2.1", "--open-to-network") as process:
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 1
    assert "192.0.2.1 is no address to listen on" in said
