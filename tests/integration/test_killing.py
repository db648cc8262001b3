"""A local cloud that is killed at random moments while ten callers write: nothing that it acknowledged is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cloud import kill_cloud, start_cloud
from writers import Account, Writers, lost

SEED = 4711
MOST_WRITES = 400  # that are acknowledged before it is killed


def killed_again_and_again(folder: Path, times: int) -> list[dict[str, object]]:
    """What was lost after each of so many kills, in one folder, and what was refused meanwhile."""
    moments = random.Random(SEED)
    cloud = start_cloud(folder, 0, "--keep")
    account, found = Account(cloud), []
    for _ in range(times):
        writers = Writers(account, cloud, moments.randint(1, MOST_WRITES))
        writers.write()
        kill_cloud(cloud)
        cloud = start_cloud(folder, 0, "--keep")
        found.append(lost(account, cloud) | ({"refused": writers.refused} if writers.refused else {}))
    kill_cloud(cloud)
    assert "could not be recorded" not in (folder / "server.log").read_text()
    return found


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_at_four_moments(tmp_path: Path) -> None:
    assert killed_again_and_again(tmp_path, 4) == [{}] * 4


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_nothing_acknowledged_is_lost_at_thirty_moments(tmp_path: Path) -> None:
    assert killed_again_and_again(tmp_path, 30) == [{}] * 30
