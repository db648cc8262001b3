"""README's table "To change X, edit Y" is true: each edit of change_table.yaml is made in a copy of the project, and
what its row speaks of changes by it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOUSES = ("cli", "functions", "localcloud", "models", "pipelines", "processing_scripts", "statemachine")
TABLE = re.search(r"## To change X, edit Y\n\n.*?\n\n", (ROOT / "README.md").read_text(), re.DOTALL)
ROWS = re.findall(r"^\| ([^|]+?) \| (.+) \|$", TABLE[0] if TABLE else "", re.MULTILINE)[1:]
NO_EDIT = "a threshold or hyperparameter for the next runs only"


class Edit(NamedTuple):
    """One edit in a file that a row of the table names, and a program that sees it."""

    row: str
    path: str
    old: str
    new: str
    program: str


EDITS = [Edit(**edit) for edit in yaml.safe_load((Path(__file__).parent / "change_table.yaml").read_text())]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's houses."""
    folder = tmp_path_factory.mktemp("project")
    for house in HOUSES:
        shutil.copytree(ROOT / house, folder / house, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "template.yaml", folder)
    return folder


def said(project: Path, program: str) -> str:
    paths = os.pathsep.join(str(project / folder) for folder in ("", "functions", "processing_scripts"))
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_row_of_the_table_is_tried() -> None:
    begun = {row: [what for what, _ in ROWS if what.startswith(row)] for row in [NO_EDIT, *(one.row for one in EDITS)]}

    assert {row: found for row, found in begun.items() if len(found) != 1} == {}
    assert {what for what, _ in ROWS} == {found[0] for found in begun.values()}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.path)
def test_an_edit_changes_what_its_row_says(edit: Edit, project: Path) -> None:
    (named,) = (where.replace("<model>", "churn") for what, where in ROWS if what.startswith(edit.row))
    assert any(f"`{place}" in named for place in (f"{edit.path}`", *(f"{up}/`" for up in Path(edit.path).parents)))
    path = project / edit.path
    before = path.read_text() if edit.old else ""
    assert before.count(edit.old)
    assert "marked" not in said(project, edit.program)

    path.write_text(before.replace(edit.old, edit.new, 1))
    try:
        assert "marked" in said(project, edit.program)
    finally:
        path.write_text(before) if edit.old else path.unlink()


def test_what_a_run_may_set_needs_no_edit() -> None:
    (where,) = (where for what, where in ROWS if what == NO_EDIT)
    (setting,) = re.findall(r"--set (\w+)=", where)

    assert f"parameter: {setting}}}" in (ROOT / "models" / "churn.yaml").read_text()
