"""Publish a model of models/ to the stack that is talked to."""

from pathlib import Path

from cli.errors import UserError
from pipelines import model_file

MODELS = Path("models")


def names() -> list[str]:
    """The models that have a file here.

    Raises:
        UserError: when this is not the project's folder.
    """
    found = sorted(path.stem for path in MODELS.glob("*.yaml"))
    if not found:
        raise UserError("no models/*.yaml here; run retrain in the project's folder")
    return found


def check(model: str) -> list[str]:
    """What is wrong in the model's file, a line each; empty when nothing is."""
    path = MODELS / f"{model}.yaml"
    if not path.is_file():
        raise UserError(f"no {path}; there are: {', '.join(names())}")
    return [str(problem) for problem in model_file.problems(path)]
