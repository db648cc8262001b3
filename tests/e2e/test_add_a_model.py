"""docs/add-a-model.md, followed word for word in a copy of the project."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cloud import bare_environment

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "add-a-model.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What is under version control, with the environments of this checkout."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    for environment in (".venv", ".venv-sdk"):
        if (ROOT / environment).is_dir():
            (tmp_path / environment).symlink_to(ROOT / environment)
    return tmp_path


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


@pytest.mark.slow
@pytest.mark.local
@pytest.mark.timeout(900)
def test_the_document_works_word_for_word(project: Path) -> None:
    try:
        said = [follow(block, project) for block in BLOCKS if not block.startswith("make ")]
    finally:
        follow(".venv/bin/retrain down", project)

    guessed, checked, demo, stay = said[-4:]
    assert "target" in guessed
    assert "positive label" in guessed
    assert checked.strip() == "models/loan-default.yaml: good"
    assert re.search(r"^loan-default-\S+: Deployed$", demo, re.MULTILINE)
    assert "equal what evaluation stored" in demo
    assert "taken by run loan-default-" in stay
