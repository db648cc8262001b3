"""Model files of the tests' own, in tests/models: a wrong line in models/ fails the tests of models/ alone.

They began as copies of three models of the project, and change when a test asks for it.
"""

from pathlib import Path
from typing import Any

from pipelines.model import model_file

FOLDER = Path(__file__).parent / "models"


def path_of(model: str) -> Path:
    """Where the tests' file of ``model`` lies."""
    return FOLDER / f"{model}.yaml"


def load(model: str) -> dict[str, Any]:
    """The tests' ``model`` with its defaults filled in."""
    return model_file.load(path_of(model))
