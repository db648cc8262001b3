"""Collecting the tests reads no model file: a wrong line in one, or a key with a new name, fails its tests, not all."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
READERS = ("model_file.load", "own_models.load", "model_file.problems", "compiled_text", "definition_path")


def run_at_collection(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs when the file is imported: decorators and defaults, but no body of a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, node.args):
                yield part
                yield from run_at_collection(part)
        elif not isinstance(node, ast.Lambda):
            yield node
            yield from run_at_collection(node)


def test_no_model_file_is_read_while_tests_are_collected() -> None:
    calls = [
        f"{path.name}:{node.lineno}: {ast.unparse(node.func)}"
        for path in TESTS.rglob("*.py")
        for node in run_at_collection(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    ]

    assert [call for call in calls if call.endswith(READERS)] == []


def test_every_test_file_lies_where_the_tests_are_looked_for() -> None:
    """``tests.side_by_side`` deals out the files of each folder, and looks no deeper."""
    assert sorted(TESTS.rglob("test_*.py")) == sorted(TESTS.glob("*/test_*.py"))
