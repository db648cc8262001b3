"""``retrain approve`` and ``retrain reject``: the two answers of a reviewer."""

from dataclasses import asdict

from cli.commands import command
from cli.errors import UserError
from cli.options import Json, Model, Reason, Stack, Version
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="watch")
def approve(
    model: Model, version: Version = None, reason: Reason = "", stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Approve a version: it is deployed."""
    _decide(model, version, "Approved", reason, stack, as_json)


@command(after="approve")
def reject(
    model: Model, version: Version = None, reason: Reason = "", stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Reject a version: it is not deployed. A reason is needed."""
    if not reason.strip():
        raise UserError("a rejection has its reason: --reason '…'; who trained the version learns from it")
    _decide(model, version, "Rejected", reason, stack, as_json)


def _decide(model: str, version: int | None, status: str, reason: str, stack: str, as_json: bool) -> None:
    from cli.stack import registry

    decided = registry.decide(target_of(stack, as_json), model, version, status, reason)
    print_report(asdict(decided), registry.render_text(decided), as_json)
