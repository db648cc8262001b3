"""``python -m tests.side_by_side MARKS``: the tests of these marks, two processes of pytest at a time.

Each process has a part of the tests and what they share, so a local cloud of its own. What it says is printed when it
has ended, and can be read meanwhile in build/tests. The exit code is that of the first part that failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent
LOGS = Path("build/tests")
AT_A_TIME = 2
LONGEST = "e2e"  # one local cloud for all of them, so one process; begun first, as nothing can be shorter than it
DEALT, SHARES = "integration", 4
NO_TESTS = 5  # pytest's exit code where none has these marks
ONE_CORE = {"OMP_NUM_THREADS": "1"}  # of two for each process: threads that wait for another's core spin


@dataclass(frozen=True)
class Part:
    """Files that one process tests."""

    name: str
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Ended:
    """How a part ended, and its last line."""

    part: Part
    code: int
    seconds: float
    last: str

    def __str__(self) -> str:
        return f"{self.part.name:<16}{self.seconds:>5.0f} s   {self.last.strip('= ')}"


def parts() -> list[Part]:
    """All tests: those of a folder are a part, integration tests are dealt into several.

    The longest begin first, so that what is short fills up the end.
    """
    folders = sorted({path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/test_*.py")})
    found = [part for folder in folders for part in _of_folder(folder)]
    return sorted(found, key=lambda part: (part.name != LONGEST, not part.name.startswith(DEALT)))


def _of_folder(folder: str) -> Iterator[Part]:
    files = sorted((TESTS / folder).glob("test_*.py"))
    if folder != DEALT:
        yield Part(folder, (TESTS / folder,))
        return
    for share in range(SHARES):
        yield Part(f"{folder} {share + 1}/{SHARES}", tuple(files[share::SHARES]))


def run(part: Part, marks: str) -> Ended:
    """Test a part, and print what was said."""
    log = LOGS / f"{part.name.replace(' ', '-').replace('/', '-of-')}.log"
    print(f"{part.name}: begun ({log})", flush=True)
    began = time.monotonic()
    with log.open("w") as said:
        command = [sys.executable, "-m", "pytest", "-q", "-m", marks, *map(str, part.files)]
        code = subprocess.run(
            command, env=os.environ | ONE_CORE, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        ).returncode
    text = log.read_text()
    ended = Ended(part, code, time.monotonic() - began, text.rstrip().rpartition("\n")[2])
    print(f"--- {part.name}\n{text}", end="", flush=True)
    return ended


def exit_code(codes: list[int]) -> int:
    """The first that says that something failed; a part without tests of these marks has not, unless all have none."""
    failed = [code for code in codes if code not in (0, NO_TESTS)]
    return failed[0] if failed else min(codes)


def main(marks: str) -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        every = list(pool.map(lambda part: run(part, marks), parts()))
    print("---", *every, sep="\n")
    return exit_code([ended.code for ended in every])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
