"""What must hold of autoscaling when nothing goes on any more: what serves is scaled as it asks for, what is gone not.

What people registered or took away in the console stands until the app scales that endpoint again.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.ledger import ledger

from tests.torture.fakes.resources import STACK
from tests.torture.fakes.scaling import Target, resource_of
from tests.torture.people import People
from tests.torture.simulated_account import Account


def scalings(account: Account, people: People) -> Iterator[str]:
    """Registered is what the version asks for that serves, or nothing."""
    for model in people.models:
        name = f"{STACK}--{model}"
        found, endpoint = account.scaling.targets.get(resource_of(name)), account.endpoints.endpoints.get(name)
        live = ledger().live_version(model)
        if resource_of(name) in account.scaling.by_people:
            continue
        if endpoint is None and found:
            yield f"what is gone is scaled: {name}, {found}"
        elif endpoint and live and (endpoint.now.config, endpoint.now.status) == (live.name, "InService"):
            wanted = _wanted(model, live.version)
            if found != wanted:
                yield f"what serves is not scaled as it asks for: {live.name} asks for {wanted}, and has {found}"


def _wanted(model: str, version: int) -> Target | None:
    """What the plan of a version's run asks for."""
    record = ledger().record(ledger().versions(model)[version]["run"])
    wish = record.plan["deployment"].get("autoscaling") if record and record.plan else None
    return Target(wish["min"], wish["max"], wish["per_instance"]) if wish else None
