"""The workflows and what they run."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")}
LOCAL = {  # all of it is about the local cloud or this machine
    "add_a_model", "aws_path", "capacity", "edits", "employee_bonus", "house_price", "permissions", "sam_cli",
    "sam_local", "tuning", "two_stacks", "up_again",
}  # fmt: skip


def test_every_end_to_end_test_that_runs_on_aws_runs_before_prod() -> None:
    (tests,) = re.findall(r"tests: (\[.*\])", WORKFLOWS["deploy.yml"])
    here = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "e2e").glob("test_*.py")}

    assert set(yaml.safe_load(tests)) == here - LOCAL


def test_every_action_is_pinned_by_its_commit() -> None:
    used = [line.split("uses: ")[1] for text in WORKFLOWS.values() for line in text.splitlines() if "uses: " in line]

    assert [one for one in used if not re.fullmatch(r"\./\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_no_workflow_holds_a_key() -> None:
    assert not any("aws-access-key-id" in text or "AWS_SECRET_ACCESS_KEY" in text for text in WORKFLOWS.values())


def test_no_two_files_of_tests_have_one_name() -> None:
    """Pytest imports them by name, and one run holds all; what lies in projects/ is copied and run, not imported."""
    own = [path for path in (ROOT / "tests").rglob("*.py") if "projects" not in path.parts]
    names = [path.name for path in own if path.name not in ("conftest.py", "__init__.py")]

    assert sorted(names) == sorted(set(names))
