"""Names in the processing scripts name things: no participle, number or quantifier that only its line explains."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "processing_scripts"
VAGUE = {"said", "told", "asked", "found", "one", "some", "made", "wanted", "words", "wish"}


def bound(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every name that a module binds, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.py")), ids=lambda path: path.relative_to(SCRIPTS).as_posix())
def test_a_name_says_what_it_names(path: Path) -> None:
    names = bound(ast.parse(path.read_text("utf-8")))

    assert [f"{name}, line {line}" for name, line in names if name.strip("_") in VAGUE] == []
