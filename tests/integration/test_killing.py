"""A local cloud that is killed at random moments while ten callers write: nothing that it acknowledged is lost."""

from __future__ import annotations

import itertools
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
    modules = itertools.cycle(("localcloud", "tests.integration.often_saved_cloud"))
    account: Account | None = None
    refused: list[str] = []
    found: list[dict[str, object]] = []
    for turn in range(times + 1):
        cloud = start_cloud(folder, 0, "--keep", module=next(modules))
        try:
            if account is not None:
                found.append(lost(account, cloud) | ({"refused": refused} if refused else {}))
            account = account or Account(cloud)
            writers = Writers(account, cloud, moments.randint(1, MOST_WRITES))
            if turn < times:
                writers.write()
            refused = writers.refused
        finally:
            kill_cloud(cloud)
    assert "a change could not be" not in (folder / "server.log").read_text()
    return found


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_at_three_moments(tmp_path: Path) -> None:
    assert killed_again_and_again(tmp_path, 3) == [{}] * 3


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_nothing_acknowledged_is_lost_at_thirty_moments(tmp_path: Path) -> None:
    assert killed_again_and_again(tmp_path, 30) == [{}] * 30
