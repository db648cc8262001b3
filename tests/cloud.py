"""A local cloud in a process of its own, and waiting for what it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
START_DEADLINE_S = 180.0
PATIENCE = 4.0  # other tests run beside these


@dataclass
class CloudServer:
    """A local cloud in a process of its own."""

    url: str
    state_dir: Path
    process: subprocess.Popen[str]
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, key: str = "local") -> Any:
        """A boto3 client with an access key, that retries nothing, so that a failure is seen at once."""
        if (service, key) not in self._clients:
            self._clients[service, key] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name="us-east-1",
                aws_access_key_id=key,
                aws_secret_access_key="local",
                config=Config(retries={"total_max_attempts": 1}, max_pool_connections=64, read_timeout=120),
            )
        return self._clients[service, key]

    def page(self, path: str) -> Any:
        """One of the server's own pages."""
        with urllib.request.urlopen(f"{self.url}/_localcloud/{path}", timeout=60) as answer:
            return json.load(answer)


def eventually(look: Callable[[], T | None], deadline_s: float = 20.0, what: str = "") -> T:
    """The first truthy thing that ``look`` finds; fails with the last one seen. Deadlines are a quiet machine's."""
    deadline_s *= PATIENCE
    ends = time.monotonic() + deadline_s
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > ends:
            pytest.fail(f"not seen within {deadline_s} s: {what or look}; last: {found!r}")
        pause.wait(0.02)


def bare_environment() -> dict[str, str]:
    """What programs see of somebody who has signed in nowhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def start_cloud(state_dir: Path, port: int = 0, *more: str, module: str = "localcloud") -> CloudServer:
    """Start ``python -m localcloud``, or a module that adds to it, and wait until it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--port", str(port), "--state", str(state_dir), *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=bare_environment(),
    )
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    reader.join(START_DEADLINE_S)
    if not said or not said[0].startswith("ready "):
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
        pytest.fail(f"the local cloud did not start within {START_DEADLINE_S} s; it said {said}")
    return CloudServer(said[0].removeprefix("ready ").strip(), state_dir, process)


def stop_cloud(cloud: CloudServer) -> int:
    """End it as ``retrain down`` does; its exit status."""
    cloud.process.send_signal(signal.SIGTERM)
    try:
        return cloud.process.wait(20)
    finally:
        cloud.process.kill()
        cloud.process.wait()
        if cloud.process.stdout:
            cloud.process.stdout.close()


def kill_cloud(cloud: CloudServer) -> None:
    """End it at once, as a crash does."""
    cloud.process.send_signal(signal.SIGKILL)
    stop_cloud(cloud)
