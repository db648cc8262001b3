"""An object that the local cloud reads for itself is the object that it gives over HTTP, and only to whom it would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cloud import ROOT, bare_environment
from reads_within import PLAIN, WHOLE


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    program = Path(__file__).with_name("reads_within.py")
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path_factory.mktemp("within") / "state")],
        cwd=ROOT,
        env=bare_environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_read_within_is_what_is_read_over_http(told: dict[str, Any]) -> None:
    differing = [one for one in told["answers"] if one["within"]["said"] != one["http"]["said"]]

    assert differing == []
    assert {str(one["within"]["said"])[:12] for one in told["answers"]} >= {"AccessDenied", "NoSuchKey: T"}


def test_plain_objects_alone_are_at_hand(told: dict[str, Any]) -> None:
    at_hand = {one["asked"]["Key"] for one in told["answers"] if one["within"]["at_hand"]}

    assert at_hand == {*PLAIN, "may/before-versions", "may/told", "not/mine"}
    assert not at_hand & set(WHOLE)
    assert [one for one in told["answers"] if one["caller"] == "job" and one["asked"]["Key"].startswith("not/")]
    assert not [
        one for one in told["answers"]
        if one["within"]["at_hand"] and one["caller"] == "job" and not one["asked"]["Key"].startswith("may/")
    ]  # fmt: skip


def test_each_read_is_remembered_as_a_call_as_over_http(told: dict[str, Any]) -> None:
    assert {count % 2 for count in Counter(told["remembered"]).values()} == {0}
    assert len(told["remembered"]) == 2 * len([one for one in told["answers"] if one["caller"] == "job"])
