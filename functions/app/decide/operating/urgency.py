"""Which news cannot wait for others: what asks a person, and what failed. Pure."""

from collections.abc import Mapping

from app.decide.names.statuses import RunStatus

CALM: Mapping[str, frozenset[str]] = {  # kind -> the statuses with which it can wait; empty: with any
    "refused": frozenset(),
    "files-refused": frozenset(),
    "scoring": frozenset({"Scored"}),
    "ended": frozenset(map(str, RunStatus)) - {RunStatus.FAILED, RunStatus.APPROVAL_EXPIRED},
}


def is_urgent(kind: str, attributes: Mapping[str, str]) -> bool:
    """Whether people are told at once, also where other news is collected into one mail."""
    return kind not in CALM or (bool(CALM[kind]) and attributes.get("status", "") not in CALM[kind])


def is_digest(endpoint: str) -> bool:
    """Whether a subscription's endpoint is the function that keeps news for the digest, which is nobody who hears."""
    return "-PostToDigestFunction-" in endpoint
