"""Links that let whoever has one decide about a version: a secret that is kept nowhere but in the mail. Pure."""

from typing import NamedTuple

from app.decide.names.hashes import digest

SECRET_BYTES = 32  # of randomness: nobody guesses 256 bits


class DecisionLink(NamedTuple):
    """What the ledger knows about a link: the question that it asks, and of whom."""

    model: str
    version: int
    run: str
    until: str  # ISO: the request for approval expires then
    reviewer: str = ""  # an address; "" for whoever gets the mail


class Vote(NamedTuple):
    """What was decided by a link."""

    approve: bool
    reason: str
    by: str  # claimed
    at: str  # ISO
    done: bool = False  # the registry has it


def secret_hash(secret: str) -> str:
    """What the ledger keeps of a secret. It has as much randomness as its hash, so that no salt is needed."""
    return digest("decision link", secret)


def console_hash(secret: str) -> str:
    """The same of a secret that opens the console, and decides nothing."""
    return digest("console link", secret)


def operating_hash(secret: str) -> str:
    """The same of a secret that opens the console to whoever may change things there."""
    return digest("operating link", secret)


def console_address(page_url: str, secret: str, place: str = "") -> str:
    """Where a link to the console leads: to all models, or to a ``place`` below, such as ``models/churn``."""
    return f"{page_url.rstrip('/')}/console/{secret}/{place}"


def link_address(page_url: str, model: str, version: int, secret: str) -> str:
    """Where a link leads: to the page of one version."""
    return f"{page_url.rstrip('/')}/decide/{model}/{version}/{secret}"
