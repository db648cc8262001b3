"""The commands by which people take something back: what ``retrain`` plans and does, on the account in memory."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from app.ledger import Ledger

from cli.errors import UserError
from cli.plans import retry, rollback, withdrawal
from cli.stack.serving import serving_version
from cli.stack.target import Target
from tests.torture.fakes.s3 import BUCKET
from tests.torture.simulated_account import Account

REASON = "it was a mistake"


@dataclass(frozen=True)
class Simulated(Target):
    """The account, as the commands talk to it: no fault is injected into what a person does."""

    account: Account | None = None

    def client(self, service: str) -> Any:
        """A client that passes no gate."""
        assert self.account
        return self.account.client_of_people(service)

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return {"DataBucketName": BUCKET, "LedgerTableName": "ledger"}


def command(account: Account, random: Random, model: str) -> str:
    """Give one of the commands for a model; what was done, "" where it is refused or nothing was to be done."""
    act = random.choice((_rollback, _retry, _withdraw))
    try:
        return act(Simulated(None, account=account), random, model)
    except UserError:
        return ""


def _rollback(target: Simulated, random: Random, model: str) -> str:
    versions = rollback.versions_of(target, model)
    named = random.choice([None, *(version.number for version in versions)])
    goal = rollback.goal(model, versions, serving_version(target, model), named)
    done = list(rollback.execute(target, rollback.plan(model, versions, goal, REASON)))
    assert target.account
    for change in done:
        target.account.say(change.package_arn, "Rejected")
    return f"rollback of {model} to {goal}" if done else ""


def _retry(target: Simulated, random: Random, model: str) -> str:
    versions = rollback.versions_of(target, model)
    if not versions:
        return ""
    failed = [version.number for version in versions if version.failed]
    number = random.choice(failed or [version.number for version in versions])
    plan = retry.plan(model, versions, number, serving_version(target, model), target.resource(model))
    return f"retry of {model} {number}" if list(retry.execute(target, plan)) else ""


def _withdraw(target: Simulated, random: Random, model: str) -> str:
    ledger: Ledger = target.ledger()
    accepted = sorted({file["key"] for file in ledger.accepted(model, batch=99_999_999)})
    if not accepted:
        return ""
    plan = withdrawal.withdrawals(target, model, [random.choice(accepted)], REASON)
    done = list(withdrawal.execute(target, plan))
    assert target.account
    target.account.withdrawn |= {change.version_id: target.account.agenda.at for change in plan}
    return f"withdrawal of {', '.join(change.subject for change in done)}" if done else ""
