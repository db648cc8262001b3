"""Links that decide about a version: each mail that asks for a decision brings one of its own."""

import secrets
from datetime import datetime

from app.decide.names.times import iso
from app.decide.pages.links import SECRET_BYTES, DecisionLink, link_address, secret_hash
from app.ledger import ledger
from app.settings import Settings


def issue(model: str, version: int, run: str, until: datetime, settings: Settings) -> str:
    """A new link to the page of a version; "" where the stack has no such page. The ledger keeps its secret's hash."""
    if not settings.page_url:
        return ""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    ledger().add_link(DecisionLink(model, version, run, iso(until)), secret_hash(secret))
    return link_address(settings.page_url, model, version, secret)
