"""What people type, taken without Pydantic: Typer loads it for each parameter that it coerces, 0.2 s for any command.

Texts, paths and whole numbers are what is typed, and need no more than their own type. All else is Typer's own to
coerce, and so is what it has to refuse.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer import core
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

PLAIN: dict[Any, Any] = {str: str, Path: Path}
PLAIN |= {list[str]: list, list[Path]: lambda words: [Path(word) for word in words]}


@dataclass(frozen=True)
class TypedWord(RuntimeParam):
    """A word of the command line, or a parameter's default."""

    descriptor: TypeDescriptor

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        if take := PLAIN.get(self.annotation):
            return take(value)
        if self.annotation is int:
            with suppress(ValueError):
                if self._permits(number := int(value)):
                    return number
        return build_runtime_param(self.descriptor).coerce(value, param, ctx)

    def _permits(self, number: int) -> bool:
        """Whether it is in the parameter's range."""
        about = self.parameter_info
        low, high = (
            unset if bound is None else bound for bound, unset in ((about.min, -math.inf), (about.max, math.inf))
        )
        return low <= number <= high


def take_as_typed() -> None:
    """Let Typer ask a ``TypedWord`` of every parameter."""
    core.build_runtime_param = lambda descriptor: TypedWord(  # type: ignore[attr-defined]
        descriptor.parameter_info, descriptor.annotation, descriptor
    )
