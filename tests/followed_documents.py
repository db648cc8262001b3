"""Documents whose commands a test follows, word for word, in a copy of the project."""

import re
import shutil
import subprocess
from pathlib import Path

from cloud import bare_environment

ROOT = Path(__file__).parents[1]


def blocks_of(name: str) -> list[str]:
    """The commands of a document, block by block."""
    return re.findall(r"^```sh\n(.*?)^```", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)


def copy_of_the_project(folder: Path) -> Path:
    """What is under version control, with the environments of this checkout."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for environment in (".venv", ".venv-sdk"):
        if (ROOT / environment).is_dir():
            (folder / environment).symlink_to(ROOT / environment)
    return folder


def follow(block: str, project: Path) -> str:
    """What the commands of a block say; each must succeed."""
    own = {"PYTHONPATH": f"{project}:{project / 'functions'}"}  # not the checkout that .venv was installed from
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", block],
        cwd=project,
        env=bare_environment() | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout
