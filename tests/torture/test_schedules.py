"""Some hundred schedules hold every property, and a protection that is taken out is missed (docs/torture.md)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.mutations import PROTECTIONS, SELDOM
from tests.torture.schedules import play

ROOT = Path(__file__).parents[2]


def test_300_schedules_hold_every_property() -> None:
    asked = [sys.executable, "-m", "tests.torture", "--schedules", "300", "--processes", "2"]

    played = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)

    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-4000:]


def test_a_schedule_is_the_same_each_time_it_is_played() -> None:
    first, again = play(7), play(7)

    assert (first.faults, first.by_hand, first.executions) == (again.faults, again.by_hand, again.executions)


def test_a_replay_keeps_only_the_faults_that_are_named() -> None:
    every = play(7).faults

    assert [fault.number for fault in play(7, only=[every[0].number]).faults] == [every[0].number]


def test_those_that_are_missed_seldom_are_protections() -> None:
    assert set(SELDOM) < {protection.name for protection in PROTECTIONS}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_protection_that_is_taken_out_is_missed() -> None:
    """Each that is missed soon; for the others it takes an hour (docs/torture.md)."""
    asked = [sys.executable, "-m", "tests.torture.mutations", "--soon"]

    tried = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)

    assert tried.returncode == 0, tried.stdout[-4000:] + tried.stderr[-4000:]
