"""The local cloud's rooms: no modules import each other in a circle, and no folder is crowded."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.sagemaker.pipelines.graph import find_circle

ROOT = Path(__file__).parents[2]
MOST_FILES = 16
PACKAGES = ("localcloud", "benchmarks")


def modules(*packages: str) -> dict[str, Path]:
    """Every module by its dotted name."""
    found = {}
    for path in (path for package in packages for path in sorted((ROOT / package).rglob("*.py"))):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """What a module imports of the known ones, inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield from (name for name in [full if full in known else node.module] if name in known)


def test_no_modules_import_each_other_in_a_circle() -> None:
    known = modules(*PACKAGES)
    edges = {name: frozenset(imports(path, known)) - {name} for name, path in known.items()}

    assert find_circle(edges) == []


@pytest.mark.parametrize("package", ["localcloud"])
def test_no_folder_has_more_than_sixteen_files(package: str) -> None:
    folders = [folder for folder in [ROOT / package, *(ROOT / package).rglob("*")] if folder.is_dir()]
    crowded = {
        folder.relative_to(ROOT).as_posix(): count
        for folder in folders
        if (count := len([path for path in folder.glob("*.py") if path.is_file()])) > MOST_FILES
    }

    assert crowded == {}
