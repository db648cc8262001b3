"""Preprocessing and training at scale, as the jobs do them, beside a plain pandas script on the same rows.

Each is a process of its own and is measured from outside: seconds with its start, seconds of processors, which a busy
machine changes little, and the most memory that it held. The plain script says itself how much of it was training.
Up to a million, the rows are also shuffled into shards and prepared again: each side must hold the same lines.
``python -m benchmarks.scale 1000000`` measures one size and prints its lines.
"""

import json
import os
import random
import resource
import sys
from collections.abc import Callable
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree

import numpy as np

from benchmarks.aims import Aim, Part
from benchmarks.processes import Cost, cost
from cli.stack.local import server
from cli.stack.target import HOME
from localcloud.front.state_folder import make

ROWS_AT_A_TIME = 250_000
NUMBERS, CATEGORIES, LEVELS = 14, 5, 12
ROUNDS = 50
LIMIT_MB = 16_000  # ml.m5.xlarge
SHARDS, SHARDED_ROWS = 100, 1_000_000
TRAINING = (
    "from localcloud.containers.algorithms import xgboost_training; xgboost_training.main()"  # as the local cloud does
)
MOST_PREPARING, MOST_TRAINING, HELD_ROWS = 0.7, 1.1, 5_000_000  # beside the plain script, of processors' seconds
HYPERPARAMETERS = {
    "objective": "binary:logistic",
    "num_round": str(ROUNDS),
    "max_depth": "6",
    "tree_method": "hist",
    "seed": "7",
}
MODEL = {
    "name": "scale",
    "task": "binary_classification",
    "data": {
        "target": "answer",
        "positive_label": "yes",
        "negative_label": "no",
        "id": "id",
        "missing": [],
        "without_target": "refuse",
        "target_transform": "none",
        "threshold": 0.5,
        "columns": {
            **{f"n{at}": "number" for at in range(NUMBERS)},
            **{f"c{at}": "category" for at in range(CATEGORIES)},
        },
    },
    "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": "scale"},
    "algorithms": [{"name": "xgboost", "hyperparameters": {}}],
    "slices": [],
    "checks": {},
}


def generate(path: Path, rows: int, seed: int) -> None:
    """``rows`` rows of 20 columns and an id, with a signal in some of them and blanks in one."""
    rng = np.random.default_rng(seed)
    with path.open("w") as file:
        file.write(",".join(["id", *MODEL["data"]["columns"], "answer"]) + "\n")  # type: ignore[index]
        for start in range(0, rows, ROWS_AT_A_TIME):
            count = min(ROWS_AT_A_TIME, rows - start)
            numbers = rng.normal(size=(NUMBERS, count)).round(3)
            levels = rng.integers(LEVELS, size=(CATEGORIES, count))
            risk = numbers[0] + 0.5 * numbers[1] * numbers[2] + 0.3 * (levels[0] > 5) + rng.normal(size=count)
            columns = [np.arange(start, start + count).astype(str), *numbers.astype(str)]
            columns[1][rng.random(count) < 0.05] = ""
            columns += [np.char.add("level ", one.astype(str)) for one in levels]
            columns.append(np.where(risk > 0.5, "yes", "no"))
            file.writelines(",".join(row) + "\n" for row in zip(*(one.tolist() for one in columns), strict=True))


def prepare(data: Path, folder: Path) -> Cost:
    """The preprocessing job's script on a folder of files."""
    (folder / "model.json").write_text(json.dumps(MODEL))
    return cost(
        sys.executable, "processing_scripts/preprocess.py",
        "--input", str(data), "--config", str(folder / "model.json"), "--output", str(folder / "prepared"),
    )  # fmt: skip


def train(folder: Path) -> Cost:
    """The XGBoost container's training on what preprocessing wrote."""
    base = folder / "ml"
    (base / "input" / "config").mkdir(parents=True, exist_ok=True)
    (base / "input" / "data").mkdir(exist_ok=True)
    (base / "model").mkdir(exist_ok=True)
    for channel in ("train", "validation"):
        (folder / "prepared" / channel).rename(base / "input" / "data" / channel)
    channels = {
        name: {"ContentType": "text/csv", "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
        for name in ("train", "validation")
    }
    documents = {"hyperparameters": HYPERPARAMETERS, "inputdataconfig": channels}
    for name, document in documents.items():
        (base / "input" / "config" / f"{name}.json").write_text(json.dumps(document))
    took = cost(sys.executable, "-c", TRAINING, SAGEMAKER_BASE_DIR=str(base))
    assert (base / "model" / "xgboost-model").stat().st_size
    return took


def plain(file: Path) -> tuple[Cost, Cost]:
    """The plain script's preparing, its start included, and its training."""
    whole = cost(sys.executable, "-m", "benchmarks.plain.scale", str(file))
    trained = Cost(**json.loads(whole.said)["training"])
    prepared_mb = json.loads(whole.said)["prepared_mb"]
    return Cost(whole.seconds - trained.seconds, whole.processor_s - trained.processor_s, prepared_mb), trained


def sharded(file: Path, folder: Path, seed: int) -> None:
    """The rows of ``file``, shuffled, in ``SHARDS`` files whose names say nothing of their order."""
    folder.mkdir(parents=True)
    with file.open() as source:
        head, *rows = source
    shuffled = random.Random(seed)
    shuffled.shuffle(rows)
    for at, name in enumerate(shuffled.sample(range(SHARDS), SHARDS)):
        (folder / f"shard-{name:03}.csv").write_text(head + "".join(rows[at::SHARDS]))


def sides(prepared: Path) -> dict[str, tuple[int, int]]:
    """Of each side of the split: how many lines, and the sum of their hashes, which knows no order."""
    found = {}
    for side in ("train", "validation", "test"):
        count, total = 0, 0
        for path in (prepared / side).iterdir():
            with path.open("rb") as lines:
                for line in lines:
                    count, total = count + 1, total + int.from_bytes(blake2b(line, digest_size=8).digest(), "big")
        found[side] = count, total % 2**64
    return found


def elsewhere(make: Callable[..., None], *given: object) -> None:
    """Call ``make`` in another process: a process's peak counts from what its parent held when it was started."""
    maker = get_context("spawn").Process(target=make, args=given)
    maker.start()
    maker.join()
    assert maker.exitcode == 0


def measure(rows: int) -> list[tuple[str, Cost]]:
    """All costs of one size."""
    folder = HOME / "bench" / f"scale-{rows}"
    make(folder.parent)
    server.fresh_folder(folder)
    (folder / "data").mkdir()
    file = folder / "data" / "rows.csv"
    try:
        elsewhere(generate, file, rows, 1)
        prepared = prepare(folder / "data", folder)
        more = (
            [(f"Preprocess, {SHARDS} shuffled shards, same split", _shards(file, folder))]
            if rows <= SHARDED_ROWS
            else []
        )
        trained = train(folder)
        alone, rest = plain(file)
    finally:
        rmtree(folder, ignore_errors=True)
    return [
        ("Preprocess", prepared), *more, ("plain pandas, preparing", alone),
        ("Train", trained), ("plain pandas and xgboost, training", rest),
    ]  # fmt: skip


def _shards(file: Path, folder: Path) -> Cost:
    other = folder / "sharded"
    elsewhere(sharded, file, other / "data", 2)
    took = prepare(other / "data", other)
    assert sides(other / "prepared") == sides(folder / "prepared")
    rmtree(other)
    return took


def lines(rows: int, found: list[tuple[str, Cost]]) -> str:
    """The figures of one size as rows of a table."""
    return "".join(
        f"| {rows:,} | {what} | {one.seconds:.1f} s | {one.processor_s:.1f} s | {rows / one.seconds:,.0f}"
        f" | {one.peak_mb:,.0f} MB |\n"
        for what, one in found
    )


def aims(rows: int, found: list[tuple[str, Cost]]) -> tuple[Aim, ...]:
    """What is held of one size: only of the largest, where a job's start is nothing."""
    if rows < HELD_ROWS:
        return ()
    took = {what: one.processor_s for what, one in found}
    prepared = took["Preprocess"], took["plain pandas, preparing"]
    trained = took["Train"], took["plain pandas and xgboost, training"]
    return (
        Aim(f"Preprocess of {rows:,} rows, beside plain pandas", *prepared, MOST_PREPARING),
        Aim(f"Train of {rows:,} rows, beside plain xgboost", *trained, MOST_TRAINING),
    )


def part(sizes: list[int]) -> Part:
    """Measure each size and say it in Markdown."""
    head = f"""## At scale

{NUMBERS + CATEGORIES + 1} columns and an id; each line is one process, its start included;
training is {ROUNDS} rounds of depth 6. "Same split" was checked: each side holds the very lines of the one file's.
The processing instance of the models, ml.m5.xlarge, has {LIMIT_MB:,} MB. Preprocess also checks,
profiles and keeps the held-out rows raw. The machine's load average was {os.getloadavg()[0]:.1f} before.

| rows | what | seconds | of processors | rows a second | peak memory |
|---:|---|---:|---:|---:|---:|
"""
    measured = [(rows, measure(rows)) for rows in sizes]
    held = tuple(aim for rows, found in measured for aim in aims(rows, found))
    return Part(head + "".join(lines(rows, found) for rows, found in measured), held)


def main() -> None:
    """Measure the sizes of the command line."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(part([int(rows) for rows in sys.argv[1:]] or [1_000_000]).whole())


if __name__ == "__main__":
    main()
