"""What the local cloud remembers of the work it did is bounded: objects are counted, no bytes and no time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cloud import ROOT, bare_environment
from live_objects import Work

pytestmark = pytest.mark.timeout(240)
ROUNDS = 40
A_FEW = ROUNDS * 4 // 5  # what is made once, or not yet let go of, when it is counted


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, int]]]:
    program = Path(__file__).with_name("live_objects.py")
    done = subprocess.run(
        [sys.executable, program, str(tmp_path_factory.mktemp("bounded")), str(ROUNDS)],
        cwd=ROOT,
        env=bare_environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, dict[str, int]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", Work.kinds)
def test_work_that_is_done_leaves_no_objects_behind(counted: dict[str, dict[str, dict[str, int]]], kind: str) -> None:
    before, after = counted[kind]["before"], counted[kind]["after"]
    grown = {name: count - before.get(name, 0) for name, count in after.items()}

    assert {name: more for name, more in grown.items() if more > A_FEW} == {}
