"""``retrain up`` after ``retrain down`` or a crash: the version that waited for its yes gets it, and serves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import json_documents
import pytest
from cloud import bare_environment

from cli.demo_data import generate

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.local
@pytest.mark.parametrize("how", ["retrain down", "kill -9"])
def test_a_version_that_waited_is_approved_and_served_after_a_restart(tmp_path: Path, how: str) -> None:
    state = ("--state", str(tmp_path / "state"))
    (tmp_path / "rows.csv").write_text(generate("churn", 1500, 5))
    (tmp_path / "record.csv").write_text("\n".join(generate("churn", 100, 6).splitlines()[:2]) + "\n")

    def retrain(*words: str) -> Any:
        """Run a command as somebody whose shell knows of nothing but the local cloud's port."""
        done = subprocess.run(
            [Path(sys.executable).parent / "retrain", *words],
            env=bare_environment() | ({"AWS_ENDPOINT_URL": url} if url else {}),
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=240,
        )
        assert done.returncode == 0, f"retrain {' '.join(words)}: {done.stderr}"
        json_documents.held(words, done.stdout)
        return json.loads(done.stdout) if "--json" in words else done.stdout

    url = ""
    try:
        url = retrain("up", "--detach", "--port", "0", *state, "--json")["url"]
        retrain("upload", "churn", str(tmp_path / "rows.csv"))
        waited = retrain("watch", "churn", "--until-approval", "--json")
        if how == "kill -9":
            os.kill(json.loads((tmp_path / "state" / "server.json").read_text())["pid"], signal.SIGKILL)
        else:
            retrain("down", *state)
        again = retrain("up", "--detach", "--port", "0", *state, "--json")
        retrain("approve", "churn", "--reason", "after a restart")
        ended = retrain("watch", "churn", "--json")
        said = retrain("predict", "churn", str(tmp_path / "record.csv"))
    finally:
        retrain("down", *state)

    assert again["url"] == url
    assert (waited["status"], ended["status"]) == ("Awaiting approval", "Deployed")
    assert ended["run"] == waited["run"]
    assert said.split()[1] in ("Yes", "No")
