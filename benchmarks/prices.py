"""What a run costs beside its jobs and its endpoint, at AWS's list prices: counted, not measured.

The real handlers and state machines play it in simulated time, on AWS in memory, where nothing goes wrong: a run that
is approved at once, and one that waits for seven days, while the reconciler looks every five minutes. What the same
stack does in such days without a run is the stack's; it is counted by itself.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

from app.decide.costs.prices import listed
from app.decide.names.bucket_keys import config_key, version_key
from app.ledger import ledger

from benchmarks.aims import Aim, Part
from tests.published_churn import PUBLISHED
from tests.torture import stack
from tests.torture.fakes.resources import STACK
from tests.torture.fakes.s3 import BUCKET
from tests.torture.fates import Container, Ending, Fate
from tests.torture.people import EVERY_S, GOOD
from tests.torture.simulated_account import Account, installed

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
WAIT_S = 7 * DAY_S
CALL_S, AROUND_S = 0.015, 0.03  # of a warm function, assumed: a call within a region, and what is around all of them
MEMORY_GB = 0.5
MOST_DOLLARS = 0.001
TRANSITIONS, INVOCATIONS, GB_SECONDS = "state transitions", "invocations", "GB-seconds"
READS, WRITES, GETS, PUTS, MESSAGES = "reads of the ledger", "writes to it", "reads of S3", "writes to S3", "messages"
DOLLARS = listed().each_usd
CALLS = {
    "dynamodb.get_item": READS, "dynamodb.query": READS, "dynamodb.update_item": WRITES,
    "dynamodb.delete_item": WRITES, "s3.get_object": GETS, "s3.head_object": GETS, "s3.list_object_versions": PUTS,
    "s3.put_object": PUTS, "s3.copy_object": PUTS, "sns.publish": MESSAGES, "sqs.send_message": MESSAGES,
}  # fmt: skip
Count = Counter[str]


class Played:
    """An account in which nothing goes wrong, and what is done in it."""

    def __init__(self, account: Account) -> None:
        self.account, self.done = account, Count()
        account.faults.over = True
        vars(account.fates)["of_run"] = lambda run: Fate(Ending.PASSES, 300.0, Container.HEALTHY, 0)
        self._count(vars(account.gate), "call", account.gate.call, self._called)
        self._count(vars(account.states), "_later", account.states._later, lambda *_: Count({TRANSITIONS: 1}))
        for name, handler in (handlers := dict(stack.handlers())).items():
            self._count(handlers, name, handler, lambda *_: Count({INVOCATIONS: 1, GB_SECONDS: AROUND_S * MEMORY_GB}))
        account.functions._handlers = handlers

    def _count(self, held: dict[str, Any], name: str, act: Callable[..., Any], what: Callable[..., Count]) -> None:
        def counted(*given: Any, **named: Any) -> Any:
            self.done += what(*given)
            return act(*given, **named)

        held[name] = counted

    def _called(self, where: str, operation: str, act: Any, request: dict[str, Any]) -> Count:
        waited = Count({GB_SECONDS: CALL_S * MEMORY_GB})
        if operation == "transact_write_items":  # each item of it counts twice
            return waited + Count({WRITES: 2 * len(request["TransactItems"])})
        return waited + (Count({CALLS[where]: 1}) if where in CALLS else Count())

    def publish(self) -> None:
        """Publish the model, whose reviewers have longer than they need."""
        document = copy.deepcopy(PUBLISHED)
        document["model"] |= {"approval": {"mode": "manual", "deadline_s": 2 * WAIT_S}}
        document["pipeline"]["name"] = document["package_group"] = f"{STACK}--churn"
        for key in (config_key("churn"), version_key("churn", 4)):
            self.account.s3.put_json(key, document)

    def tick(self) -> None:
        """The reconciler's schedule."""
        self.account.functions.deliver("ReconcileRunsFunction", {"grace_s": EVERY_S})
        self.account.agenda.later(EVERY_S, "schedule", self.tick, timer=True)

    def pass_time(self, seconds: float) -> Count:
        """What is done in so many seconds."""
        before = self.done.copy()
        self.account.agenda.run_until(self.account.agenda.now + seconds)
        return self.done - before

    def upload(self, number: int) -> None:
        """Somebody uploads a file."""
        self.account.s3.put_object(Bucket=BUCKET, Key=f"incoming/churn/{number}.csv", Body=GOOD.format(number).encode())

    def approve(self) -> None:
        """Somebody approves the newest version."""
        (package, *_) = self.account.registry.of_group(f"{STACK}--churn")
        arn = package["ModelPackageArn"]
        self.account.registry.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")


def counted(wait_s: float) -> Count:
    """What one run does, of a model that is served, and whose version waits so long for its approval."""
    with installed(Account(1)) as account:
        played = Played(account)
        played.publish()
        played.tick()
        _whole_run(played, 1, 0)
        idle = played.pass_time(3 * HOUR_S + wait_s)
        done = _whole_run(played, 2, wait_s)
        assert [str(run.status) for run in ledger().runs()] == ["Deployed", "Deployed"]
    done.subtract(idle)
    return done


def _whole_run(played: Played, number: int, wait_s: float) -> Count:
    """Three hours and the time that it waits: what is done from the upload on."""
    played.upload(number)
    done = played.pass_time(HOUR_S)
    done += played.pass_time(wait_s)
    played.approve()
    return done + played.pass_time(2 * HOUR_S)


def looked() -> dict[str, Count]:
    """What the reconciler does in thirty days: for a stack, for each model that serves, for a version that waits."""
    with installed(Account(1)) as account:
        played = Played(account)
        played.publish()
        played.tick()
        stack_alone = played.pass_time(DAY_S)
        _whole_run(played, 1, DAY_S)
        served = played.pass_time(DAY_S)
        played.upload(2)
        played.pass_time(DAY_S + HOUR_S)
        waited = played.pass_time(DAY_S)
    served.subtract(stack_alone)
    for known in (stack_alone, served):
        waited.subtract(known)
    parts = {"a stack": stack_alone, "each model that serves": served, "a version that waits": waited}
    return {name: Count({what: 30 * count for what, count in done.items()}) for name, done in parts.items()}


def dollars(done: Count) -> float:
    """What it costs."""
    return sum(DOLLARS[what] * count for what, count in done.items())


def part() -> Part:
    """Both runs side by side, and the reconciler's month."""
    runs = {"approved within the hour": counted(0), "approved after seven days": counted(WAIT_S)}
    page = f"""## What a run costs

Beside its jobs and its endpoint, counted over the real handlers and state machines in simulated time
(benchmarks/prices.py), a function's time taken as {AROUND_S * 1e3:.0f} ms and {CALL_S * 1e3:.0f} ms more for each call.
What the reconciler does for a stack without a run is not in it.

{_table(runs, 5)}
What the reconciler does in thirty days, every five minutes; a version that waits has waited for a day before:

{_table(looked(), 4)}"""
    aims = (
        Aim(f"a run that is {name}, of {MOST_DOLLARS} dollars", dollars(done), MOST_DOLLARS, 1.0)
        for name, done in runs.items()
    )
    return Part(page, tuple(aims))


def _table(columns: dict[str, Count], digits: int) -> str:
    rows = "".join(
        f"| {what} | {' | '.join(f'{done[what]:,.0f}' for done in columns.values())} | {price * 1e6:,.2f} |\n"
        for what, price in DOLLARS.items()
    )
    sums = " | ".join(f"{dollars(done):.{digits}f}" for done in columns.values())
    names = " | ".join(columns)
    return f"| | {names} | dollars a million |\n|---|{'---:|' * len(columns)}---:|\n{rows}| dollars | {sums} | |\n"
