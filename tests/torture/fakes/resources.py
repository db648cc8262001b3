"""What SageMaker's parts share: ARNs, events, and descriptions that lag behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from tests.torture.agenda import Agenda
from tests.torture.faults import Faults, refusal

ACCOUNT = "123456789012"
STACK = "retrain"
Emit = Callable[[str, str, dict[str, Any]], None]
T = TypeVar("T")


def arn(kind: str, name: str, service: str = "sagemaker") -> str:
    """The ARN of a resource."""
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{kind}/{name}"


def invalid(message: str) -> Exception:
    """SageMaker's refusal of a request that does not fit."""
    return refusal("ValidationException", message)


class Lagging(Generic[T]):
    """A description that may stay what it was for some seconds after a change (eventual consistency)."""

    def __init__(self, agenda: Agenda, faults: Faults, described: T) -> None:
        self._agenda, self._faults = agenda, faults
        self.now: T = described
        self._before: T | None = None
        self._until = 0.0

    def change(self, described: T, where: str) -> None:
        """Describe it so from now on, or soon."""
        if self._faults.lags(where):
            self._before, self._until = self.now, self._agenda.now + self._faults.random.choice((2.0, 30.0))
        self.now = described

    @property
    def described(self) -> T:
        """As Describe shows it."""
        lags = self._before is not None and self._agenda.now < self._until
        return self._before if lags and self._before is not None else self.now
