"""``retrain retry``: a version whose deployment failed is tried again, as if it had just been approved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.decide.parsing import event_of

from cli.errors import UserError
from cli.plans.rollback import Version, erased_text
from cli.stack import functions
from cli.stack.target import Target


@dataclass(frozen=True)
class ClearFailure:
    """The mark of a failed version, and the count of its attempts, go."""

    model: str
    version: int
    why: str  # it was marked
    heading = "clear the failure of"

    @property
    def subject(self) -> str:
        """The version, and why it was marked."""
        return f"{self.model} version {self.version}" + (f" ({self.why})" if self.why else "")


@dataclass(frozen=True)
class Look:
    """What serves is compared with what should, and a deployment begins."""

    model: str
    endpoint: str
    heading = "compare what serves with what should"

    @property
    def subject(self) -> str:
        """The model."""
        return self.model


Change = ClearFailure | Look


def plan(
    model: str, versions: Sequence[Version], number: int, serves: int | None, endpoint: str, why: str = ""
) -> list[Change]:
    """What makes the version be deployed again; nothing where it serves. ``why`` it is marked as failed. Pure.

    Raises:
        UserError: there is no such version, it is not approved, or another one is to serve.
    """
    version = next((one for one in versions if one.number == number), None)
    if version is None:
        known = ", ".join(str(one.number) for one in versions) or "none yet"
        raise UserError(f"'{model}' has no version {number}; there are: {known}")
    if version.status != "Approved":
        raise UserError(
            f"version {number} of '{model}' is {version.status}; `retrain approve {model} {number}` deploys it"
        )
    if not version.judged:
        raise UserError(f"version {number} of '{model}' was registered by hand, not by a run: it is never deployed")
    if version.erased and serves != number:
        raise UserError(erased_text(model, number))
    newer = [one.number for one in versions if one.desirable and one.judged and one.number > number]
    if newer:
        raise UserError(
            f"version {max(newer)} of '{model}' is approved and newer; "
            f"`retrain rollback {model} --to {number} --reason TEXT` goes back"
        )
    if serves == number and not version.failed:
        return []
    return [ClearFailure(model, number, why), Look(model, endpoint)]


def execute(target: Target, changes: Sequence[Change]) -> Iterator[Change]:
    """Make the changes in their order, and yield each when it is made."""
    for change in changes:
        if isinstance(change, ClearFailure):
            target.ledger().clear_failure(change.model, change.version)
        else:
            event = event_of("DeploymentDue", {"EndpointName": change.endpoint})
            functions.send_event(target, "ReactToEndpointFunction", event)
        yield change
