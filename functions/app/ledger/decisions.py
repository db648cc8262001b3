"""Decisions about each version: ``MODEL#<model>/DECISION#<version>``, the message that caused the last one, and when
the newest was sent that said it again.
"""

from app.decide.approval_rules import HeardMessage, LastDecision
from app.decide.names.statuses import Approval
from app.ledger.table import Table, Write


class Decisions(Table):
    """What was decided, and by which message."""

    def last_decision(self, model: str, version: int) -> LastDecision | None:
        """The last decision that was acted upon; None before the first."""
        item = self.get(f"MODEL#{model}", f"DECISION#{version:08d}")
        return LastDecision.of(item) if item else None

    def last_decisions(self, model: str) -> dict[int, LastDecision]:
        """The last decision that was acted upon about each version of a model that there was one about."""
        items = self.query(f"MODEL#{model}", "DECISION#", "DECISION#~")
        return {int(item["sk"].partition("#")[2]): LastDecision.of(item) for item in items}

    def note_told(self, model: str, version: int, sequence: int) -> None:
        """Keep that people know what a rejection, by its ``sequence``, came to: its version serves on."""
        self.write(Write(f"MODEL#{model}", f"DECISION#{version:08d}", set={"told": sequence}))

    def heard_message(self, model: str, version: int) -> HeardMessage | None:
        """The last message of the decision topic that was passed on; None where none was."""
        item = self.get(f"MODEL#{model}", f"MESSAGE#{version:08d}")
        facts = {name: str(item[name]) for name in HeardMessage._fields if name in item} if item else {}
        return HeardMessage(**facts) if facts else None

    def keep_message(self, model: str, version: int, heard: HeardMessage) -> None:
        """Keep a message that the registry is about to follow."""
        self.write(Write(f"MODEL#{model}", f"MESSAGE#{version:08d}", set=heard._asdict()))

    def note_followed(self, model: str, version: int, message_id: str, at: str) -> None:
        """Keep when the registry followed a message (ISO), as long as no other was passed on since."""
        pk, sk = f"MODEL#{model}", f"MESSAGE#{version:08d}"
        self.write(Write(pk, sk, set={"followed_at": at}, condition="#id = :id", given={"id": message_id}))

    def confirm_decision(self, model: str, version: int, status: Approval, sent_at: str) -> None:
        """Keep when the newest message was sent that said what was decided already."""
        before = self.confirmed_decision(model, version)
        if before is None or before.status != str(status) or before.at < sent_at:
            facts = {"status": str(status), "at": sent_at}
            self.write(Write(f"MODEL#{model}", f"CONFIRMED#{version:08d}", set=facts))

    def confirmed_decision(self, model: str, version: int) -> LastDecision | None:
        """The newest message that said what was decided already; None where none did."""
        item = self.get(f"MODEL#{model}", f"CONFIRMED#{version:08d}")
        return LastDecision(str(item["status"]), str(item["at"])) if item else None

    def claim_approval(self, package: str, why: str) -> str:
        """Claim the token of the run that waits for a decision, as there will be none; "" where a decision did."""
        claim = Write(
            f"TOKEN#approval/{package}",
            "TOKEN",
            set={"claimed": why},
            condition="attribute_exists(pk) AND (attribute_not_exists(#claimed) OR #claimed = :claimed)",
        )
        return str((self.write(claim) or {}).get("task_token", ""))

    def approval_claim(self, package: str) -> tuple[str, str]:
        """The token of the run that waits for a decision, and what claimed it; two "" where nobody waits."""
        item = self.get(f"TOKEN#approval/{package}", "TOKEN") or {}
        return str(item.get("task_token", "")), str(item.get("claimed", ""))
