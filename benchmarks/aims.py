"""What a benchmark found, held against what it should be: a ratio, its limit, and whether it is met."""

from collections.abc import Iterable
from dataclasses import dataclass, field

HEAD = "| aim | ratio | at most | |\n|---|---:|---:|---|\n"


@dataclass(frozen=True)
class Aim:
    """One aim: ``found`` of something is at most ``most`` times ``beside``, which was measured in the same run or is
    itself the limit.
    """

    name: str
    found: float
    beside: float
    most: float = 1.0

    @property
    def ratio(self) -> float:
        """``found`` in units of ``beside``; infinite beside nothing."""
        return self.found / self.beside if self.beside > 0 else float("inf")

    @property
    def met(self) -> bool:
        """Limits are inclusive; NaN never meets one."""
        return self.ratio <= self.most

    def __str__(self) -> str:
        return f"| {self.name} | {self.ratio:.2f} | {self.most:.2f} | {'' if self.met else 'missed'} |\n"


@dataclass(frozen=True)
class Part:
    """What one part of the benchmarks says: a section in Markdown, and the aims that it holds."""

    page: str
    aims: tuple[Aim, ...] = field(default=())

    def whole(self) -> str:
        """The section with its aims below it."""
        return f"{self.page.rstrip()}\n\n{HEAD}{''.join(map(str, self.aims))}" if self.aims else self.page


def missed(parts: Iterable[Part]) -> list[Aim]:
    """The aims that were not met, in the order in which they were looked at."""
    return [aim for part in parts for aim in part.aims if not aim.met]
