"""What the reviewers of each version said: ``BALLOT#<model>``, one item a version, changed only as it was read."""

from collections.abc import Callable

from app.decide.approval.ballots import Ballot, Voice
from app.ledger.batches import retry_on_contention
from app.ledger.table import Table, Write


class Ballots(Table):
    """The ballots of versions. Operators may write to the ledger, but not to these (template.yaml)."""

    def ballot(self, model: str, version: int, run: str) -> Ballot:
        """What the reviewers of a version have said so far."""
        return self._ballot(model, version, run)[0]

    def change_ballot(self, model: str, version: int, run: str, change: Callable[[Ballot], Ballot]) -> Ballot:
        """Change a ballot as ``change`` says; the ballot as it then is. Of two changes at once one sees the other's.

        Raises:
            Contended: others were faster all the time.
        """

        def attempt() -> Ballot | None:
            before, revision = self._ballot(model, version, run)
            after = change(before)
            if after == before:
                return after
            condition = "#revision = :was" if revision else "attribute_not_exists(#revision)"
            facts = {"yes": [voice._asdict() for voice in after.yes], "outcome": after.outcome, "heard": after.heard}
            given = {"was": revision} if revision else {}
            facts |= {"revision": revision + 1}
            item = Write(*_key(model, version, run), facts, condition=condition, given=given)
            return after if self.write(item) is not None else None

        changed: Ballot = retry_on_contention(attempt)
        return changed

    def _ballot(self, model: str, version: int, run: str) -> tuple[Ballot, int]:
        item = self.get(*_key(model, version, run)) or {}
        yes = tuple(Voice(**voice) for voice in item.get("yes", ()))
        return Ballot(yes, str(item.get("outcome", "")), bool(item.get("heard"))), int(item.get("revision", 0))


def _key(model: str, version: int, run: str) -> tuple[str, str]:
    """Per run: a version's number comes again after a registry was cleaned up."""
    return f"BALLOT#{model}", f"{version:08d}#{run}"
