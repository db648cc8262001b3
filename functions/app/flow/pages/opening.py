"""Who a link to the console lets in, and whether they may change things."""

from typing import NamedTuple

from app.decide.names.times import from_iso
from app.decide.pages import endings
from app.decide.pages.endings import Ending
from app.decide.pages.links import console_hash, operating_hash
from app.ledger import ledger
from app.ledger.batches import now


class Opened(NamedTuple):
    """The console, for somebody."""

    root: str  # path of all its pages
    operates: bool  # may withdraw, redrive and try


def opened(secret: str) -> Opened | Ending:
    """What a link opens; what it says where it opens nothing, or nothing any more."""
    reading = ledger().console_open_until(console_hash(secret))  # asked first: most links change nothing
    until = reading or ledger().operating_open_until(operating_hash(secret))
    if not until or now() >= from_iso(until):
        return endings.CONSOLE_OVER if until else endings.NO_CONSOLE
    return Opened(f"/console/{secret}", operates=not reading)
