"""What the local cloud remembers of the work it did is bounded: objects and bytes are counted, and no time."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from cloud import ROOT, bare_environment
from live_objects import Work

pytestmark = pytest.mark.timeout(900)
ROUNDS = 40
MOST_OBJECTS_A_RUN = 150  # that stay: an object of S3, two items, an execution
MOST_BYTES_A_RUN = 60_000  # that Python holds for them, 2,000 of the upload among them; twice what they take
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
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, dict[str, int]]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("kind", Work.kinds)
def test_work_that_is_done_leaves_no_objects_behind(counted: dict[str, dict[str, dict[str, int]]], kind: str) -> None:
    before, after = counted[kind]["before"], counted[kind]["after"]
    grown = {name: count - before.get(name, 0) for name, count in after.items()}

    assert {name: more for name, more in grown.items() if more > A_FEW} == {}


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_thousandth_run_costs_the_memory_of_the_hundredth(tmp_path: Path) -> None:
    program = Path(__file__).with_name("thousand_runs.py")
    done = subprocess.run(
        [sys.executable, program, str(tmp_path), "100", "400", "700", "1000"],
        cwd=ROOT,
        env=bare_environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=2900,
    )
    assert done.returncode == 0, done.stderr

    found = json.loads(done.stdout)
    for kept, most in (("objects", MOST_OBJECTS_A_RUN), ("held_bytes", MOST_BYTES_A_RUN)):
        first, second, third = (later[kept] - earlier[kept] for earlier, later in pairwise(found))
        assert first / 300 < most, kept
        assert max(second, third) < 1.1 * first, kept
