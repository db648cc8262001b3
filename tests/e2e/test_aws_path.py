"""`make test-aws` with a local cloud in the place of AWS: the way there, the cost line, and that nothing is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from inventory import inventory
from sam import ROOT, Sam

from cli.stack.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.local]
SOME = (
    "tests/e2e/test_loop.py::test_an_approved_version_serves_and_answers_what_evaluation_stored",
    "tests/e2e/test_asked.py",  # by the command, which is to name the stack
)


@pytest.mark.timeout(900)
def test_end_to_end_tests_run_in_an_account_and_leaves_nothing(local_cloud: tuple[str, Path]) -> None:
    target = Target(local_cloud[0], "proof")
    before = inventory(target)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--aws", "--stack", "proof", *SOME],
        cwd=ROOT,
        env=Sam(ROOT, target).environment,
        capture_output=True,
        text=True,
        timeout=540,
    )

    assert done.returncode == 0, done.stdout[-4000:]
    assert "cost: about" in done.stdout
    assert "account 123456789012" in done.stdout
    assert "nothing is left of proof-retrain" in done.stdout
    assert inventory(target) == before
