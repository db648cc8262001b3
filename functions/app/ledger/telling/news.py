"""News that asks nothing, until one mail tells all of it. ``NEWS`` holds what no mail has told, oldest first, and
which of it the mail names that is being sent; ``HEARD#<id>`` that it was kept once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.decide.names.times import from_iso, iso
from app.decide.operating.digests import KeptNews
from app.decide.outside.chat_messages import Told
from app.ledger.batches import now
from app.ledger.table import Item, Table, Write

NEWS, SENDING = "NEWS", "!SENDING"  # the latter is before all times
HEARD_FOR = timedelta(days=30)  # what is delivered again later counts as new
MOST = 500  # news of one mail


class News(Table):
    """The news of all models."""

    def keep_news(self, told: Told, due_at: datetime) -> bool:
        """Keep news until a mail tells it, at ``due_at`` at the latest; False where it was kept before. Idempotent."""
        at = iso(now())
        heard = {"at": at, "expires_at": int((now() + HEARD_FOR).timestamp())}
        facts = told._asdict() | {"at": at, "due_at": iso(due_at)}
        return self.transact(
            [
                Write(f"HEARD#{told.id}", "HEARD", set=heard, condition="attribute_not_exists(#at)"),
                Write(NEWS, f"{at}#{told.id}", set=facts),
            ]
        ) is None  # fmt: skip

    def is_news_due(self) -> bool:
        """Whether a mail is to be sent now: the oldest news has waited long enough, or whoever sent one died."""
        first = next(self.query(NEWS, "!", "~", page=1), None)
        return first is not None and (first["sk"] == SENDING or from_iso(first["due_at"]) <= now())

    def take_news(self) -> list[KeptNews]:
        """The news that one mail tells: the same until that was sent, whoever asks; none where there is none."""
        kept = self._kept()
        sending = self.get(NEWS, SENDING)
        if sending is None:
            if not kept:
                return []
            keys = [str(one["sk"]) for one in kept[:MOST]]
            change = Write(NEWS, SENDING, set={"keys": keys}, condition="attribute_not_exists(#keys)")
            sending = self.write(change) or self.get(NEWS, SENDING)
        if sending is None or sending.get("sent"):
            return []
        return [_news(one) for one in kept if one["sk"] in sending["keys"]]

    def forget_news(self) -> None:
        """Note that the mail was sent. Whoever dies in here leaves no news to be told again. Idempotent."""
        sending = self.get(NEWS, SENDING)
        if sending is None:
            return
        self.write(Write(NEWS, SENDING, set={"sent": True}))
        for key in sending["keys"]:
            self.delete(NEWS, key)
        self.delete(NEWS, SENDING)

    def _kept(self) -> Sequence[Item]:
        return list(self.query(NEWS, "0", "~"))


def _news(item: Item) -> KeptNews:
    return KeptNews(item["at"], Told(*(str(item[name]) for name in Told._fields)))
