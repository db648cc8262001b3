"""Faults: each is drawn from the schedule's seed, has a number, and can be left out of a replay."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.torture.agenda import START, Agenda

DIED, THROTTLED, ANSWER_LOST, SENT_TWICE, OVERTAKEN = "died", "throttled", "answer lost", "sent twice", "overtaken"
DROPPED, DELIVERED_TWICE, DELAYED, LAGGED = "dropped", "delivered twice", "delayed", "description lagged"
MOST_DEPTH = 3  # of functions that run while another is between two calls
SENT_WITH_TOKENS = (
    "transact_write_items",
    "start_pipeline_execution",
    "stop_pipeline_execution",
)  # idempotent by those


class Died(BaseException):
    """The function's process ends here: nothing in it may catch that."""


@dataclass(frozen=True)
class Fault:
    """One fault that was injected."""

    number: int
    kind: str
    where: str
    at: float

    def __str__(self) -> str:
        return f"{self.number:>4}  {self.at - START:>9.1f} s  {self.kind:<18} {self.where}"


def refusal(code: str, message: str = "", operation: str = "Call", status: int = 400, **extra: Any) -> ClientError:
    """AWS's refusal of a call."""
    error = {"Error": {"Code": code, "Message": message or code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error | extra, operation)


@dataclass
class Rates:
    """How likely each fault is: of each call of AWS, of each delivery."""

    calls: dict[str, float] = field(default_factory=dict)
    deliveries: dict[str, float] = field(default_factory=dict)
    lag: float = 0.0  # of a description, after each change


class Focus(NamedTuple):
    """A kind of fault that certain calls or changes draw more often, so that a window of milliseconds is met."""

    kind: str
    where: str  # a part of what the call, or the change, is named
    rate: float


def drawn_rates(random: Random) -> Rates:
    """The rates of one schedule: some know one kind of fault only, some are quiet, some wild."""

    def some(kinds: Collection[str], least: float, most: float) -> dict[str, float]:
        share = random.choice((0.0, 0.3, 0.6, 1.0))
        return {kind: random.uniform(least, most) for kind in kinds if random.random() < share}

    calls = some((DIED, THROTTLED, ANSWER_LOST, SENT_TWICE), 0.001, 0.02) | some((OVERTAKEN,), 0.005, 0.06)
    lag = random.choice((0.0, 0.0, 0.1, 0.4))
    return Rates(calls, some((DROPPED, DELIVERED_TWICE, DELAYED), 0.02, 0.3), lag)


class Faults:
    """Draws faults, and counts them."""

    def __init__(
        self, random: Random, agenda: Agenda, only: Collection[int] | None = None, focuses: Collection[Focus] = ()
    ) -> None:
        self.random, self.agenda, self.focuses = random, agenda, focuses
        self.only = None if only is None else frozenset(only)
        self.rates = drawn_rates(random)
        self._any_of_call = sum(self.rates.calls.values())
        self.over = False
        self.deaf = False  # every event of AWS is dropped, to the end
        self.log: list[Fault] = []
        self._drawn = 0

    def injected(self, kind: str, where: str) -> bool:
        """Count a fault that was drawn; False where it is to be left out."""
        self._drawn += 1
        if self.only is not None and self._drawn not in self.only:
            return False
        self.log.append(Fault(self._drawn, kind, where, self.agenda.now))
        return True

    def of_call(self, where: str) -> str:
        """The fault of a call of AWS; "" for none."""
        if self.over:
            return ""
        for focus in self._focused(where):
            if focus.kind != LAGGED and self.random.random() < focus.rate:
                return focus.kind if self.injected(focus.kind, where) else ""
        drawn = self.random.random()
        if drawn >= self._any_of_call:
            return ""
        for kind, rate in self.rates.calls.items():
            drawn -= rate
            if drawn < 0:
                return kind if self.injected(kind, where) else ""
        return ""

    def lags(self, where: str) -> bool:
        """Whether a change is not described at once."""
        rate = max([self.rates.lag, *(focus.rate for focus in self._focused(where) if focus.kind == LAGGED)])
        return not self.over and self.random.random() < rate and self.injected(LAGGED, where)

    def _focused(self, where: str) -> list[Focus]:
        return [focus for focus in self.focuses if focus.where in where]

    def of_event(self, where: str) -> list[float]:
        """The delays after which an event of S3, SageMaker or Step Functions is delivered."""
        return [] if self.deaf else self.of_delivery(where)

    def of_delivery(self, where: str) -> list[float]:
        """The delays after which an event is delivered: none where it is dropped, two where it comes twice."""
        delays = [self.random.uniform(0.05, 1.5)]
        if self.over:
            return delays
        for kind, rate in self.rates.deliveries.items():
            if self.random.random() >= rate or not self.injected(kind, where):
                continue
            if kind == DROPPED:
                return []
            if kind == DELAYED:
                delays[0] = self.random.choice((20.0, 200.0, 2000.0)) * self.random.random()
            else:
                delays.append(self.random.choice((1.0, 30.0, 600.0)) * self.random.random())
        return delays


class Gate:
    """Between the functions and AWS: here calls fail, processes die, and other functions run in between."""

    def __init__(self, faults: Faults, agenda: Agenda) -> None:
        self.faults, self.agenda = faults, agenda
        self.running: list[str] = []  # the functions that run now, each within a call of the one before
        self.began: list[float] = []

    def call(self, where: str, operation: str, act: Callable[..., Any], request: dict[str, Any]) -> Any:
        """Make a call of AWS, with the fault that it draws."""
        fault = self.faults.of_call(f"{self.running[-1]}: {where}") if self.running else ""
        if not fault:
            return act(**request)
        if fault == THROTTLED:
            raise refused_for_now(operation)
        early = fault == OVERTAKEN and self.faults.random.random() < 0.5
        if early:
            self.overtake()
        try:
            answer = act(**request)
            if fault == SENT_TWICE and operation not in SENT_WITH_TOKENS:
                answer = act(**request)
        except ClientError:
            if fault == DIED:
                raise Died(where) from None
            raise
        if fault == DIED:
            raise Died(where)
        if fault == ANSWER_LOST:
            raise ReadTimeoutError(endpoint_url=where)
        if fault == OVERTAKEN and not early:
            self.overtake()
        return answer

    def overtake(self) -> None:
        """Do what others do meanwhile, as long as a function may run."""
        if len(self.running) >= MOST_DEPTH:
            return
        limit = min(self.began[0] + 50, self.agenda.now + self.faults.random.choice((0.5, 3.0, 40.0)))
        for _ in range(self.faults.random.choice((1, 1, 2, 8))):
            if not self.agenda.due(limit):
                return
            self.agenda.step()


class Open:
    """What people's calls pass: nothing goes wrong."""

    def call(self, where: str, operation: str, act: Callable[..., Any], request: dict[str, Any]) -> Any:
        """Make a call of AWS."""
        return act(**request)


def refused_for_now(operation: str) -> ClientError:
    """The refusal that a retry gets over."""
    if operation == "transact_write_items":
        reasons = [{"Code": "TransactionConflict"}]
        return refusal("TransactionCanceledException", operation=operation, CancellationReasons=reasons)
    return refusal("ThrottlingException", operation=operation)
