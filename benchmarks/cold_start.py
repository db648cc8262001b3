"""What importing each handler costs, beside a bare ``import boto3`` plus Powertools Logger: ratios of one run.

Every import happens in a process of its own, in turn with the bare one. What counts is processor time, the least of the
rounds, so that a busy machine changes little. The deployment package is made as ``sam build`` makes it.
"""

import resource
import subprocess
import sys
from pathlib import Path

from cli.bundle import functions_zip

FUNCTIONS = Path("functions")
BARE = "import boto3; from aws_lambda_powertools import Logger"
ROUNDS = 5
LIMIT = 1.3  # times the bare import


def seconds(code: str) -> float:
    """Processor seconds of one process that runs ``code``, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], cwd=FUNCTIONS, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def ratios(handlers: list[str], rounds: int = ROUNDS) -> tuple[float, float, dict[str, float]]:
    """Seconds of an empty process and of the bare import, and each handler's import as a multiple of the bare one."""
    codes = {"": "pass", "bare": BARE} | {name: f"{BARE}; import {name}" for name in handlers}
    best = dict.fromkeys(codes, float("inf"))
    for _ in range(rounds):
        for name, code in codes.items():
            best[name] = min(best[name], seconds(code))
    empty, bare = best.pop(""), best.pop("bare")
    return empty, bare, {name: (took - empty) / (bare - empty) for name, took in best.items()}


def page(empty: float, bare: float, found: dict[str, float]) -> str:
    """The figures as Markdown."""
    size = len(functions_zip(FUNCTIONS)[1])
    lines = [f"| {name} | {ratio:.2f} |\n" for name, ratio in sorted(found.items(), key=lambda one: -one[1])]
    return (
        "## Cold start\n\n"
        f"The functions' deployment package is {size / 1e6:.1f} MB (limit 5). A bare `import boto3` plus Powertools "
        f"Logger takes {bare - empty:.3f} s here; with a handler on top it takes this many times as long "
        f"(limit {LIMIT}):\n\n| handler | times |\n|---|---:|\n{''.join(lines)}"
    )


def measured() -> tuple[float, float, dict[str, float]]:
    """The figures of all handlers."""
    return ratios(sorted(path.stem for path in FUNCTIONS.glob("*.py")))


def main() -> int:
    """Print the figures; 1 when a handler is over the limit."""
    figures = measured()
    print(page(*figures))
    return int(max(figures[2].values()) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
