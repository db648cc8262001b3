"""How far the pass through the bucket's uploads got, under ``LISTING``: the next look goes on there."""

from app.decide.uploads.unheard import Pass
from app.ledger.table import Table, Write

LISTING = "LISTING"


class Listings(Table):
    """The pass that looks for uploads of which nobody heard."""

    def listing(self) -> Pass | None:
        """The last pass, done or not; None before the first."""
        item = self.get(LISTING, LISTING)
        return Pass.parse(item) if item else None

    def keep_listing(self, before: Pass | None, after: Pass) -> bool:
        """Note how far a pass got; False where somebody else noted something meanwhile, which then stands."""
        known = before.document() if before else {}
        condition = "attribute_not_exists(pk)"
        if known:
            condition = "#until = :was_until AND #prefix = :was_prefix AND #after = :was_after"
        given = {f"was_{name}": known[name] for name in ("until", "prefix", "after")} if known else {}
        change = Write(LISTING, LISTING, set=after.document(), condition=condition, given=given)
        return self.write(change) is not None
