"""Uploads that were refused: what was decided of each, and of which people were not told yet.

``UNTOLD#<model>`` holds the refusals that no mail has named; ``MODEL#<model>/REFUSAL_MAIL`` when the last one went out.
"""

from datetime import datetime, timedelta
from typing import Any

from app.decide.messages import DatasetArrived
from app.decide.names.times import from_iso, iso, whole_seconds_until
from app.ledger.batches import now, object_key, outcome_record
from app.ledger.table import Item, Table, Write

REFUSAL_MAIL = "REFUSAL_MAIL"
MAIL_EVERY = timedelta(minutes=1)  # of one model
SKEW = timedelta(seconds=5)  # of the clocks of two processes, and of a message that comes a little early


class Refusals(Table):
    """The refusals of all models."""

    def refuse(self, model: str, arrival: DatasetArrived, refusal: Item, *, stays: bool = False) -> None:
        """Record why an upload was refused, whether it stays where it is, and that nobody was told yet. Idempotent per
        object version.
        """
        at, name = refusal["at"], object_key(*arrival.identity)
        self.transact(
            [
                outcome_record(arrival, {"model": model, "refused": refusal["message"], "stays": stays}),
                Write(f"MODEL#{model}", f"REFUSED#{at}#{name}", set=refusal),
                Write(f"UNTOLD#{model}", name, set=refusal),
                Write("MODELS", model, set={"model": model}),
            ]
        )

    def record_refusal(self, model: str, arrival: DatasetArrived, refusal: Item) -> None:
        """List a refusal among those of the model, of which people know. Idempotent per object version and time."""
        self.write(Write(f"MODEL#{model}", f"REFUSED#{refusal['at']}#{object_key(*arrival.identity)}", set=refusal))

    def untold_refusals(self, model: str) -> list[dict[str, Any]]:
        """Refusals of which nobody was told, oldest first."""
        return sorted(self.partition(f"UNTOLD#{model}"), key=lambda refusal: (refusal["at"], refusal["file"]))

    def forget_untold(self, model: str, refusals: list[dict[str, Any]]) -> None:
        """Note that people were told of refusals. Idempotent."""
        for refusal in refusals:
            self.delete(f"UNTOLD#{model}", refusal["sk"])

    def claim_refusal_mail(self, model: str) -> int:
        """Seconds until a mail about refusals of ``model`` may go out; 0: now, and the caller sends it."""
        while True:
            last = (self.get(f"MODEL#{model}", REFUSAL_MAIL) or {}).get("mailed_at", "")
            wait_s = whole_seconds_until(from_iso(last) + MAIL_EVERY, now()) if last else 0
            if wait_s:
                return wait_s
            condition = "#mailed_at = :last" if last else "attribute_not_exists(#mailed_at)"
            given = {"last": last} if last else {}
            change = Write(
                f"MODEL#{model}", REFUSAL_MAIL, set={"mailed_at": iso(now())}, condition=condition, given=given
            )
            if self.write(change) is not None:
                return 0

    def is_reminded(self, model: str) -> bool:
        """Whether somebody is going to look for untold refusals, in more than a moment."""
        due_at = (self.get(f"MODEL#{model}", REFUSAL_MAIL) or {}).get("reminder_at", "")
        return bool(due_at) and from_iso(due_at) > now() + SKEW

    def note_reminder(self, model: str, at: datetime) -> None:
        """Note that somebody looks again ``at`` that time."""
        self.write(Write(f"MODEL#{model}", REFUSAL_MAIL, set={"reminder_at": iso(at)}))
