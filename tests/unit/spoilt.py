"""Model files of the tests with something wrong in them, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import own_models

from pipelines.model import model_file
from pipelines.model.model_file import Problem


def spoilt(folder: Path, model: str, *changes: tuple[str, str]) -> Path:
    """A copy of a model's file in which each old text, where it stands first, is a new one."""
    text = own_models.path_of(model).read_text()
    for old, new in changes:
        assert old in text, f"tests/models/{model}.yaml has no {old!r}"
        text = text.replace(old, new, 1)
    path = folder / f"{model}.yaml"
    path.write_text(text)
    return path


def problems_of(folder: Path, model: str, *changes: tuple[str, str]) -> list[Problem]:
    """What is wrong with a model's file after ``changes``."""
    return model_file.problems(spoilt(folder, model, *changes))


def line_of(model: str, text: str) -> int:
    """The line of a model's file on which ``text`` begins."""
    whole = own_models.path_of(model).read_text()
    return whole[: whole.index(text)].count("\n") + 1


def places(problems: list[Problem], words: str) -> list[tuple[int, str]]:
    """Line and key of each problem that says ``words``."""
    return [(problem.line, problem.where) for problem in problems if words in str(problem)]
