"""What importing each handler costs on top of ``import boto3`` and Powertools Logger, as a multiple of these two.

Each import happens in a fresh process, which counts its own processor time first for the two and then for the handler:
a busy machine weighs on both alike. The handlers are read as Lambda gets them, from source that was never compiled;
boto3, as in Lambda's image, and Powertools have their bytecode. The package is made as ``sam build`` makes it.

``python -m benchmarks.cold_start`` prints the figures alone.
"""

import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.aims import Aim, Part
from cli.stack.bundle import functions_zip

FUNCTIONS = Path("functions")
CODE = """
from time import process_time
began = process_time()
import boto3
from aws_lambda_powertools import Logger
bare = process_time()
import {handler}
print(bare - began, process_time() - bare)
"""
ROUNDS = 7
LIMIT = 1.3  # times the bare import
MOST_MB = 5.0


def seconds(handler: str, folder: Path) -> tuple[float, float]:
    """Processor seconds of the bare import, and of the handler's after it, in one fresh process."""
    command = [sys.executable, "-B", "-c", CODE.format(handler=handler)]
    bare, more = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()
    return float(bare), float(more)


def measured() -> tuple[float, dict[str, float]]:
    """Seconds of the bare import, and each handler's import as a multiple of it: medians of ``ROUNDS``."""
    handlers = sorted(path.stem for path in FUNCTIONS.glob("*.py"))
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in handlers}
    with TemporaryDirectory() as folder:
        source = copytree(FUNCTIONS, Path(folder) / "functions", ignore=ignore_patterns("__pycache__"))
        for _ in range(ROUNDS):
            for name in handlers:
                found[name].append(seconds(name, source))
    ratios = {name: median(1 + more / bare for bare, more in took) for name, took in found.items()}
    return median(bare for took in found.values() for bare, _ in took), ratios


def page(bare: float, found: dict[str, float]) -> str:
    """The figures as Markdown."""
    size = len(functions_zip(FUNCTIONS)[1])
    lines = [f"| {name} | {ratio:.2f} |\n" for name, ratio in sorted(found.items(), key=lambda one: -one[1])]
    return (
        "## Cold start\n\n"
        f"The functions' deployment package is {size / 1e6:.1f} MB (limit {MOST_MB:.0f}). A bare `import boto3` plus "
        f"Powertools Logger takes {bare:.3f} s of processor time here. With a handler on top, from source that was "
        f"never compiled, it takes this many times as long (limit {LIMIT}; medians of {ROUNDS}):\n\n"
        f"| handler | times |\n|---|---:|\n{''.join(lines)}"
    )


def part() -> Part:
    """The figures, and the slowest handler and the package held against their limits."""
    bare, found = measured()
    size_mb = len(functions_zip(FUNCTIONS)[1]) / 1e6
    slowest = max(found, key=lambda name: found[name])
    aims = (
        Aim(f"import of {slowest}, the slowest handler, beside the bare import", found[slowest], 1.0, LIMIT),
        Aim(f"the package, of {MOST_MB:.0f} MB", size_mb, MOST_MB),
    )
    return Part(page(bare, found), aims)


def main() -> int:
    """Print the figures; 1 when a handler is over the limit."""
    figures = measured()
    print(page(*figures))
    return int(max(figures[1].values()) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
