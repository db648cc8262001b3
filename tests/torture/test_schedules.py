"""Some hundred schedules hold every property; those in which one fell once are played again (docs/torture.md)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.schedules import play

ROOT = Path(__file__).parents[2]
# Schedules in which a property fell once, and the protection that came of it.
FELL = {
    39: "alarms of a version whose update was rolled back after it was overtaken",
    48: "a deployment whose function died between opening its execution and the run's record",
    62: "alarms of a version that failed its verification",
    167: "the end of an execution that another one overtook",
    252: "a run that was ended while its pipeline was being started",
    460: "a run that was ended while it was being planned",
    519: "a decision that died between its claim and its answer, and another one after it",
    754: "a failed endpoint of the version that was verified last",
    867: "a waiter that was forgotten by the answer to its state's attempt before",
    1142: "alarms of a version whose endpoint was deleted by hand",
}


def test_300_schedules_hold_every_property() -> None:
    asked = [sys.executable, "-m", "tests.torture", "--schedules", "300", "--processes", "2"]

    played = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)

    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-4000:]


@pytest.mark.parametrize("seed", FELL)
def test_a_schedule_that_fell_once_holds(seed: int) -> None:
    assert play(seed).violations == []


def test_a_schedule_is_the_same_each_time_it_is_played() -> None:
    first, again = play(7), play(7)

    assert (first.faults, first.by_hand, first.executions) == (again.faults, again.by_hand, again.executions)


def test_a_replay_keeps_only_the_faults_that_are_named() -> None:
    every = play(7).faults

    assert [fault.number for fault in play(7, only=[every[0].number]).faults] == [every[0].number]
