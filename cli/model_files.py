"""The model files of this folder, as commands speak of them."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from cli.errors import UserError
from pipelines.model import model_file


def names() -> list[str]:
    """The models that have a file here.

    Raises:
        UserError: when there is none.
    """
    models = model_file.names()
    if not models:
        raise UserError("no models/*.yaml here; run retrain in the project's folder")
    return models


def problems(model: str) -> list[str]:
    """What is wrong in the model's file, a line each; empty when nothing is.

    Raises:
        UserError: when it has no file.
    """
    path = model_file.path_of(model)
    if not path.is_file():
        raise UserError(f"no models/{model}.yaml; there are: {', '.join(names())}")
    return [f"models/{model}.yaml: {problem}" for problem in model_file.problems(path)]


def load(model: str) -> dict[str, Any]:
    """The model's file with its defaults.

    Raises:
        UserError: it has none, or something is wrong in it.
    """
    if wrong := problems(model):
        raise UserError("\n".join(wrong))
    return model_file.load(model_file.path_of(model))


def load_sound(models: Collection[str]) -> list[dict[str, Any]]:
    """Those of the models' files that nothing is wrong in: whoever needs the others says what is."""
    found = []
    for model in models:
        with suppress(UserError):
            found.append(load(model))
    return found
