"""A copy of the project, in which a test may write model files."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from cloud import bare_environment

ROOT = Path(__file__).parents[1]


def copied_to(folder: Path) -> Path:
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


def made_copy_to(folder: Path, *environments: str) -> Path:
    """A copy in which make finds all environments made, with those of ``environments`` too: whatever they are made from
    is older than they are.
    """
    copied_to(folder)
    for name in environments:
        assert (ROOT / name / ".done").is_file(), f"{name} is not here: make {name}/.done"
        (folder / name).symlink_to(ROOT / name)
    for made_from in (*(folder / "requirements").iterdir(), folder / "pyproject.toml"):
        os.utime(made_from, (0, 0))
    return folder


def run_in(
    project: Path, *words: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy; it imports the copy, not the checkout that .venv was installed from."""
    own = {"PYTHONPATH": f"{project}:{project / 'functions'}"} | dict(environment or {})
    return subprocess.run(
        words,
        cwd=project,
        env=bare_environment() | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
