"""Links to decide by, what was decided by them, and links to the console: of each the ledger has its secret's hash."""

from datetime import datetime, timedelta

from app.decide.names.times import from_iso, iso
from app.decide.pages.links import DecisionLink, Vote
from app.ledger.batches import now
from app.ledger.table import Table, Write

KEPT = timedelta(days=90)  # after its question expired a link still says what became of it
LOOKS, OPERATES = "CONSOLE", "OPERATE"  # of a link to the console: who may write which is a policy (template.yaml)


class DecisionLinks(Table):
    """Who was given which link, and what came of it. A secret itself is in the mail alone."""

    def add_link(self, link: DecisionLink, secret_hash: str) -> None:
        """Keep that whoever has the secret may decide: in a partition that operators may not write (template.yaml)."""
        expiry = int((from_iso(link.until) + KEPT).timestamp())
        self.write(Write(f"LINK#{secret_hash}", "LINK", set=link._asdict() | {"expires_at": expiry}))

    def link(self, model: str, version: int, secret_hash: str) -> DecisionLink | None:
        """The link to a version with that secret; None where there is none."""
        item = self.get(f"LINK#{secret_hash}", "LINK") or {}
        if (item.get("model"), item.get("version")) != (model, version):
            return None
        return DecisionLink(**{name: item[name] for name in DecisionLink._fields})

    def vote(self, link: DecisionLink, vote: Vote) -> bool:
        """Record what a link's reviewer decided; False where that was decided before, by this link or another one.

        The same decision may be recorded again until it is done: who recorded it may have died before it was.
        """
        decision = "approve" if vote.approve else "reject"
        facts = {"decision": decision, "reason": vote.reason, "by": vote.by, "at": vote.at}
        condition = "attribute_not_exists(#decision) OR (#decision = :decision AND attribute_not_exists(#done))"
        return self.write(Write(*_vote(link), set=facts, condition=condition)) is not None

    def finish_vote(self, link: DecisionLink) -> None:
        """Record that the registry has what was decided: the link decides nothing any more."""
        self.write(Write(*_vote(link), set={"done": iso(now())}))

    def add_console_link(self, secret_hash: str, until: datetime) -> None:
        """Keep that whoever has the secret may look at the console."""
        self._add_link(LOOKS, secret_hash, until)

    def console_open_until(self, secret_hash: str) -> str:
        """Until when (ISO) a link to the console is good; "" where there is none with that secret."""
        return self._good_until(LOOKS, secret_hash)

    def add_operating_link(self, secret_hash: str, until: datetime) -> None:
        """Keep that whoever has the secret may look at the console, and withdraw and redrive there: in a partition that
        operators may write, and reviewers may not (template.yaml).
        """
        self._add_link(OPERATES, secret_hash, until)

    def operating_open_until(self, secret_hash: str) -> str:
        """Until when (ISO) a link is good that may change things; "" where there is none with that secret."""
        return self._good_until(OPERATES, secret_hash)

    def _add_link(self, kind: str, secret_hash: str, until: datetime) -> None:
        facts = {"until": iso(until), "expires_at": int((until + KEPT).timestamp())}
        self.write(Write(f"{kind}#{secret_hash}", kind, set=facts))

    def _good_until(self, kind: str, secret_hash: str) -> str:
        return str((self.get(f"{kind}#{secret_hash}", kind) or {}).get("until", ""))


def _vote(link: DecisionLink) -> tuple[str, str]:
    """Per run: a version's number comes again after a registry was cleaned up."""
    return f"MODEL#{link.model}", f"VOTE#{link.version:08d}#{link.run}#{link.reviewer}"
