"""A deployable artifact as its container sees it: unpacked, and asked through its own inference.py."""

import importlib
import sys
from pathlib import Path
from typing import Any

from job.refusals import Refused


class Package:
    """A model with its code, loaded. Modules of its ``code/`` win over ours of the same name: it may be older."""

    def __init__(self, folder: Path) -> None:
        code = folder / "code"
        if not (code / "inference.py").is_file():
            raise Refused("the package holds no code/inference.py")
        for name in _modules_shadowed_by(code):
            del sys.modules[name]
        sys.path.insert(0, str(code))
        self.module: Any = importlib.import_module("inference")
        self.model: Any = self.module.model_fn(str(folder))

    def answer(self, body: str, content_type: str, accept: str) -> str:
        """Ask as the endpoint is asked.

        Raises:
            Refused: when the endpoint would refuse.
        """
        response = self.module.transform_fn(self.model, body, content_type, accept)
        if not isinstance(response, tuple):
            raise Refused(f"inference.py refuses held-out rows: {response.get_data(as_text=True).strip()}")
        return str(response[0])


def _modules_shadowed_by(code: Path) -> list[str]:
    """Modules and packages, loaded under a name that ``code`` has, too."""
    names = {path.stem for path in code.iterdir() if path.suffix == ".py" or path.is_dir()}
    return [name for name in sys.modules if name.partition(".")[0] in names]
