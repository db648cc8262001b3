"""The documents, their blocks, and following them: commands that a test runs word for word in a copy of the project."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from project_copy import ROOT, run_in

FENCED = re.compile(r"(?P<before>[^\n]*)\n(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^ *```$", re.M | re.S)


class Block(NamedTuple):
    """What stands between two fences."""

    before: str  # the line above it
    language: str  # sh: a test follows it; json, yaml: data; none: its line above says what it is
    body: str


def documents() -> list[str]:
    """Every document that people read, by its path."""
    own = [*ROOT.glob("*.md"), ROOT / "benchmarks" / "README.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in own)


def fenced(name: str) -> Iterator[Block]:
    """The blocks of a document, in their order."""
    for found in FENCED.finditer((ROOT / name).read_text()):
        yield Block(found["before"].strip(), found["language"], textwrap.dedent(found["body"]))


def blocks_of(name: str) -> list[str]:
    """The commands of a document that are followed, block by block."""
    return [block.body for block in fenced(name) if block.language == "sh"]


def follow(block: str, project: Path, environment: Mapping[str, str] | None = None) -> str:
    """What the commands of a block say; each must succeed."""
    done = run_in(project, "bash", "-e", "-o", "pipefail", "-c", block, environment=environment)
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout
