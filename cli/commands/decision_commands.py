"""The commands of a reviewer."""

from dataclasses import asdict

from cli.options import Json, Model, Reason, Stack, Version
from cli.show.console import say, target_of
from cli.stack import registry
from cli.stack.target import DEFAULT_STACK


def _decide(model: str, version: int | None, decision: str, reason: str, stack: str, as_json: bool) -> None:
    decided = registry.decide(target_of(stack, as_json), model, version, decision, reason)
    say(asdict(decided), f"{model} version {decided.version} is {decided.status}", as_json)


def approve(
    model: Model, version: Version = None, reason: Reason = "", stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Approve a version: it is deployed."""
    _decide(model, version, "Approved", reason, stack, as_json)


def reject(
    model: Model, version: Version = None, reason: Reason = "", stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Reject a version: it is not deployed."""
    _decide(model, version, "Rejected", reason, stack, as_json)
