"""One file or a hundred shards in any order: every row falls on the same side of the split, as the same numbers."""

import random
from pathlib import Path

import pytest

from benchmarks import scale

ROWS, SHARDS = 3000, 100


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    file = tmp_path_factory.mktemp("rows") / "rows.csv"
    scale.generate(file, ROWS, 5)
    return file.read_text().splitlines()


def prepared(folder: Path) -> dict[str, list[str]]:
    """Sorted lines of each side."""
    scale.prepare(folder / "data", folder)
    return {
        side: sorted((folder / "prepared" / side / "algo-1.csv").read_text().splitlines())
        for side in ("train", "validation", "test")
    }


@pytest.fixture(scope="module")
def whole(rows: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "data").mkdir()
    (folder / "data" / "rows.csv").write_text("\n".join(rows) + "\n")
    return prepared(folder)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_shards_in_any_order_give_the_split_of_one_file(
    rows: list[str], whole: dict[str, list[str]], tmp_path: Path, seed: int
) -> None:
    header, *body = rows
    random.Random(seed).shuffle(body)
    (tmp_path / "data").mkdir()
    for at in range(SHARDS):
        text = "\n".join([header, *body[at::SHARDS]]) + "\n"
        (tmp_path / "data" / f"shard-{(at * 37 + seed) % SHARDS:03}.csv").write_text(text)

    assert prepared(tmp_path) == whole
    assert sum(map(len, whole.values())) == ROWS + 1  # held-out rows keep their header
