"""A deployable artifact as its container sees it: unpacked, and asked through its own inference.py."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from job.refusals import Refused

from artifact import layout


class Package:
    """A model with its code, loaded.

    The code may be of any release: modules of the package's ``code/`` are the package's alone, and those of ours that
    have the same names are hidden from it while it is loaded or asked. Several packages stand beside each other.
    """

    def __init__(self, folder: Path) -> None:
        self._code = folder / layout.CODE
        if not (self._code / layout.INFERENCE).is_file():
            raise Refused(f"the package holds no {layout.CODE}/{layout.INFERENCE}")
        self._names = {path.stem for path in self._code.iterdir() if path.suffix == ".py" or path.is_dir()}
        self._modules: dict[str, ModuleType] = {}
        with self._own_modules():
            self._inference: Any = importlib.import_module(layout.INFERENCE.removesuffix(".py"))
            refused: type[Exception] = getattr(self._inference, "Refused", Refused)
            try:
                self.model: Any = self._inference.model_fn(str(folder))
            except refused as error:  # the package's own class of that name
                raise Refused(str(error)) from error

    def answer(self, body: str, content_type: str, accept: str) -> str:
        """Ask as the endpoint is asked.

        Raises:
            Refused: when the endpoint would refuse.
        """
        with self._own_modules():
            response = self._inference.transform_fn(self.model, body, content_type, accept)
        if not isinstance(response, tuple):
            refuses = f"{layout.INFERENCE} refuses held-out rows"
            raise Refused(f"{refuses}: {response.get_data(as_text=True).strip()}", refuses)
        return str(response[0])

    @contextmanager
    def _own_modules(self) -> Iterator[None]:
        """Let imports find the package's modules, then ours again; what it imports late is kept for its next turn."""
        ours = self._taken_out()
        sys.modules.update(self._modules)
        sys.path.insert(0, str(self._code))
        try:
            yield
        finally:
            sys.path.remove(str(self._code))
            self._modules = self._taken_out()
            sys.modules.update(ours)

    def _taken_out(self) -> dict[str, ModuleType]:
        """Remove the modules whose names the package has, too, and return them."""
        names = [name for name in sys.modules if name.partition(".")[0] in self._names]
        return {name: sys.modules.pop(name) for name in names}
