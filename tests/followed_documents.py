"""Documents whose commands a test follows, word for word, in a copy of the project."""

import re
from pathlib import Path

from project_copy import ROOT, run_in


def blocks_of(name: str) -> list[str]:
    """The commands of a document, block by block."""
    return re.findall(r"^```sh\n(.*?)^```", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)


def follow(block: str, project: Path) -> str:
    """What the commands of a block say; each must succeed."""
    done = run_in(project, "bash", "-e", "-o", "pipefail", "-c", block)
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout
