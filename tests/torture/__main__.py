"""``python -m tests.torture``: play schedules, and print what was injected and what fell."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tests.torture.schedules import Played, play, shrunk


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Play schedules of events, faults and people against the real handlers."
    )
    parser.add_argument("--schedules", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first schedule")
    parser.add_argument("--replay", type=int, help="play this one alone, and tell its faults")
    parser.add_argument("--only", help="with --replay: numbers of the faults that are kept, between commas")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    return parser.parse_args()


def replay(seed: int, only: str | None) -> int:
    played = play(seed, None if only is None else [int(number) for number in only.split(",") if number])
    print(*played.faults, *played.by_hand, sep="\n")
    print(f"{played.runs} runs, {played.executions} executions")
    print(*(f"violated: {one}" for one in played.violations), sep="\n")
    return bool(played.violations)


def table(results: Iterable[Played]) -> tuple[Counter[str], list[Played]]:
    counted: Counter[str] = Counter()
    fallen = []
    for played in results:
        counted += played.kinds
        counted.update({"schedules": 1, "runs": played.runs, "executions": played.executions})
        if played.violations:
            fallen.append(played)
    return counted, fallen


def _one_of_each(fallen: list[Played]) -> list[Played]:
    """The first schedule of each kind of violation, with that violation first."""
    found: dict[str, Played] = {}
    for played in sorted(fallen, key=lambda one: one.seed):
        for number, violation in enumerate(played.violations):
            kind = violation.split(":")[0]
            if kind not in found:
                found[kind] = replace(played, violations=played.violations[number:] + played.violations[:number])
    return list(found.values())


def main() -> int:
    asked = arguments()
    if asked.replay is not None:
        return replay(asked.replay, asked.only)
    began, seeds = time.monotonic(), range(asked.seed, asked.seed + asked.schedules)
    with multiprocessing.Pool(asked.processes) as pool:
        counted, fallen = table(pool.imap_unordered(play, seeds, chunksize=20))
    for name, number in counted.items():
        print(f"{name:<20} {number:>9,}")
    print(f"{'violations':<20} {len(fallen):>9,}   in {time.monotonic() - began:.0f} s")
    for kind, number in Counter(one.split(":")[0] for played in fallen for one in played.violations).most_common():
        print(f"  {number:>6,}  {kind}")
    for played in _one_of_each(fallen):
        small = shrunk(played)
        said = next(one for one in small.violations if one.split(":")[0] == played.violations[0].split(":")[0])
        print(f"\nseed {played.seed}: {said}\n  with {len(small.faults)} of {len(played.faults)} faults:")
        print(*(f"  {fault}" for fault in small.faults), *(f"        {one}" for one in small.by_hand), sep="\n")
        numbers = ",".join(str(fault.number) for fault in small.faults)
        print(f"  again: .venv/bin/python -m tests.torture --replay {played.seed} --only '{numbers}'")
    return bool(fallen)


if __name__ == "__main__":
    sys.exit(main())
