"""Which addresses the local cloud listens on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from cloud import bare_environment

ROOT = Path(__file__).parents[2]


def serve(state: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "localcloud", "--port", "0", "--state", str(state), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=bare_environment(),
    )


def health(host: str, port: str) -> str:
    with urlopen(f"http://{host}:{port}/_localcloud/health", timeout=10) as answer:
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


def test_an_address_of_another_machine_is_refused_in_words(tmp_path: Path) -> None:
    with serve(tmp_path, "--host", "192.0.2.1") as process:
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 1
    assert "192.0.2.1 is no address to listen on" in said
