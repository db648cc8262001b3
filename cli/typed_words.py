"""What people type, taken without Pydantic: Typer loads it for each parameter that it coerces, 0.2 s for any command.

Texts, paths and whole numbers are what is typed, and need no more than their own type. All else is Typer's own to
coerce, and so is what it has to refuse.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer import core
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param

from cli.options import ROT

LEFT_OUT = {"--rot": ROT}  # options whose value may be left out: what they take, first what is meant then
PLAIN: dict[Any, Any] = {str: str, Path: Path}
PLAIN |= {list[str]: list, list[Path]: lambda words: [Path(word) for word in words]}


class SpokenCommand(core.TyperCommand):
    """A command some of whose options may stand without their value, which Typer has no word for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Fill in what was left out, and parse."""
        return super().parse_args(ctx, filled_in(args))


def filled_in(words: Sequence[str]) -> list[str]:
    """The words with the values that were left out."""
    found: list[str] = []
    for word, follows in zip(words, [*words, ""][1:], strict=True):
        found.append(word)
        if word in LEFT_OUT and follows not in LEFT_OUT[word]:
            found.append(LEFT_OUT[word][0])
    return found


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
