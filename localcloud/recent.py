"""A bounded memory: the oldest entries are dropped."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any


class Recent(dict[Any, Any]):
    """A dictionary of the keys that were set last; ``update`` takes keys alone, as a set does."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: Hashable, value: Any) -> None:
        super().__setitem__(key, value)
        while len(self) > self.most:
            del self[next(iter(self))]

    def update(self, keys: Iterable[Hashable]) -> None:  # type: ignore[override]
        """Remember keys."""
        for key in keys:
            self[key] = None

    def __reduce__(self) -> Any:
        return Recent, (self.most,), None, None, iter(self.items())
