"""What travels in a model.tar.gz: the programs that pipelines start, and nothing that their images cannot import."""

import ast
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from artifact import archives, layout

from pipelines.model import model_file
from pipelines.publishing import freshness

PROGRAMS = (layout.INFERENCE, layout.FIRST_STAGE, layout.LAST_STAGE)
IN_EVERY_IMAGE = {"numpy"}
WHEN_NEEDED = {"xgboost", "joblib", "werkzeug"}  # in the images of those who need them; imported in functions only


def programs_in(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        yield from (str(value) for key, value in found.items() if key == "SAGEMAKER_PROGRAM")
    for part in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from programs_in(part)


def imports(nodes: list[ast.AST]) -> set[str]:
    """Top-level names of what is imported among ``nodes``."""
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def test_pipelines_start_the_programs_that_artifacts_are_packed_with() -> None:
    started = {
        program
        for name in model_file.names()
        for program in programs_in(json.loads(freshness.definition_path(name).read_text("utf-8")))
    }

    assert started == set(PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_artifacts_code_needs_nothing_that_its_image_lacks(program: str) -> None:
    code = archives.code_of(model_file.SCRIPTS / program)
    trees = [ast.parse(source) for source in code.values()]
    ours = {name.split("/")[1].removesuffix(".py") for name in code}

    at_once = {name for tree in trees for name in imports(list(tree.body))} - ours - sys.stdlib_module_names
    anywhere = {name for tree in trees for name in imports(list(ast.walk(tree)))} - ours - sys.stdlib_module_names

    assert f"{layout.CODE}/{program}" in code
    assert at_once <= IN_EVERY_IMAGE
    assert anywhere <= IN_EVERY_IMAGE | WHEN_NEEDED
