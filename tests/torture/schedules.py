"""One schedule: people and faults as its seed draws them, then quiet, then every property is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from app.decide import reconciliation

from tests.torture import stack
from tests.torture.faults import Fault, Focus
from tests.torture.people import EVERY_S, People
from tests.torture.policy_properties import policies
from tests.torture.properties import settled, stuck, what_serves
from tests.torture.scaling_properties import scalings
from tests.torture.scoring_properties import scorings
from tests.torture.simulated_account import Account, installed

MOST_PASSES = 250
RESTS = ((timedelta(minutes=15), timedelta(minutes=7)), (timedelta.min, timedelta()))  # nobody here waits for a day
QUIET_PASSES = 4  # longer than these rests, and than a time in shadow, whose end the pass after it sees
EXPIRY_S = 4000  # longer than any approval's deadline here


@dataclass
class Played:
    """What came of a schedule."""

    seed: int
    violations: list[str]
    faults: list[Fault]
    by_hand: list[str]
    runs: int
    executions: int
    kinds: Counter[str] = field(default_factory=Counter)


def play(seed: int, only: Collection[int] | None = None, focuses: Collection[Focus] = ()) -> Played:
    """Play the schedule of a seed; ``only`` numbers the faults that are kept, None keeps all."""
    with installed(Account(seed, only, focuses), ((reconciliation, "RESTS", RESTS),)) as account:
        people = People(account)
        people.plan()
        account.agenda.run_until(account.agenda.now + people.until_s)
        account.faults.over = True
        _settle(account, people)
        found = [*account.violations, *account.functions.bugs, *stuck(account), *what_serves(account, people)]
        found += scalings(account, people)
        account.agenda.run_until(account.agenda.now + EXPIRY_S)
        _settle(account, people)
        found += [*settled(account, people), *scorings(account, people), *policies(account, people)]
        found += scalings(account, people)
    kinds = Counter(fault.kind for fault in account.faults.log)
    kinds.update({"by hand": len(people.by_hand), "every event dropped": int(account.faults.deaf)})
    runs = sum("-d" not in execution.name for execution in account.states.of(stack.NAMES[stack.MACHINE]))
    violations = list(dict.fromkeys(found))
    return Played(seed, violations, account.faults.log, people.by_hand, runs, len(account.states.executions), kinds)


def _settle(account: Account, people: People) -> None:
    """Reconcile, as the schedule does, until some passes in a row change nothing."""
    before, same = None, 0
    for _ in range(MOST_PASSES):
        account.functions.redrive()
        account.agenda.run_until(account.agenda.now + EVERY_S)
        now = None if account.agenda.work else _signature(account)
        people.reconcile()
        same = same + 1 if now and now == before else 0
        if same == QUIET_PASSES:
            return
        before = now
    account.violated(f"it does not settle within {MOST_PASSES} passes of the reconciler")


def _signature(account: Account) -> tuple[object, ...]:
    """What changes while anything goes on."""
    executions = account.states.executions.values()
    endpoints = [(name, one.now) for name, one in sorted(account.endpoints.endpoints.items())]
    pipelines = [one.status.now for one in account.pipelines.executions.values()]
    statuses = [one["ModelApprovalStatus"] for one in account.registry.packages.values()]
    attempts = sum(one.attempt for one in executions)
    return len(executions), attempts, endpoints, pipelines, statuses, len(account.functions.notices)


def shrunk(played: Played) -> Played:
    """Leave out faults while the first violation stays."""
    best, size = played, max(1, len(played.faults) // 2)
    while size:
        position = 0
        while position < len(best.faults):
            kept = best.faults[:position] + best.faults[position + size :]
            again = play(played.seed, {fault.number for fault in kept})
            if _same(played.violations[0], again.violations):
                best = again
            else:
                position += size
        size //= 2
    return best


def _same(wanted: str, found: list[str]) -> bool:
    return wanted.split(":")[0] in {one.split(":")[0] for one in found}
