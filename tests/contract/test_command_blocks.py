"""No command of a document escapes: a test follows its block, or the line above says why none does."""

import json
import re
from pathlib import Path

import pytest
import yaml
from followed_documents import Block, documents, fenced

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(r"<!-- (drawing|[a-z ]+ output|not run[a-z ]*: \S.{10,}) -->")
GENERATED = "docs/commands.md"  # from the commands themselves, which a test compares
READERS = {"json": json.loads, "yaml": yaml.safe_load}


def followers(name: str) -> list[Path]:
    """The tests that follow a document."""
    return [path for path in (ROOT / "tests").rglob("test_*.py") if f'blocks_of("{name}")' in path.read_text()]


def escapes(block: Block, name: str) -> bool:
    """Whether nobody answers for a block."""
    if block.language == "sh":
        return not followers(name)
    if block.language in READERS:
        READERS[block.language](block.body)
        return False
    return SHOWN.fullmatch(block.before) is None


@pytest.mark.parametrize("name", documents())
def test_every_block_is_followed_by_a_test_or_says_why_not(name: str) -> None:
    assert [block for block in fenced(name) if escapes(block, name)] == []


@pytest.mark.parametrize("name", documents())
def test_every_fence_is_of_a_block_that_is_looked_at(name: str) -> None:
    assert (ROOT / name).read_text().count("```") == 2 * len(list(fenced(name)))


@pytest.mark.parametrize("name", [name for name in documents() if name != GENERATED])
def test_no_command_is_shown_by_its_indent(name: str) -> None:
    """Markdown takes four spaces below an empty line for a block, too, which no test would see."""
    assert re.findall(r"\n\n {4,}[\w.$/].*", (ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", documents())
def test_what_a_block_names_as_its_stand_in_exists(name: str) -> None:
    named = {path for block in fenced(name) for path in re.findall(r"[\w/.-]+\.(?:py|md)", block.before)}

    assert {path for path in named if not (ROOT / path).is_file()} == set()


def test_a_block_without_a_word_about_it_escapes() -> None:
    plain = Block("as follows:", "", "retrain down\n")

    assert escapes(plain, "README.md")
    assert escapes(plain._replace(before="<!-- not run: -->"), "README.md")
    assert escapes(plain._replace(language="sh"), "no such document")
    assert not escapes(plain._replace(before="<!-- not run: it needs an account -->"), "README.md")


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "notebooks").iterdir()), ids=lambda path: path.name)
def test_a_notebook_is_kept_without_what_it_once_said_and_a_test_runs_it(path: Path) -> None:
    """Source: https://nbformat.readthedocs.io/en/latest/format_description.html"""
    read = json.loads(path.read_text())
    cells = [cell for cell in read["cells"] if cell["cell_type"] == "code"]

    assert (read["nbformat"], read["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in read["cells"]}) == len(read["cells"])
    assert [cell["id"] for cell in cells if cell["outputs"] or cell["execution_count"]] == []
    assert any(path.name in test.read_text() for test in (ROOT / "tests" / "e2e").glob("test_*.py"))
