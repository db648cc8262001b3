"""Reviewers of a model: as many as have to say yes, and one more where who started the run does not count. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

Finding = tuple[tuple[str | int, ...], str, str]


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say which rule of approval no version could ever keep."""
    approval = model["approval"]
    reviewers, needed, not_by = approval["reviewers"], approval["needed"], approval.get("not_by")
    known: dict[str, str] = {}
    for at, address in enumerate(reviewers):
        if (other := known.get(_mailbox(address))) is not None:
            what = f"{address!r} is there twice" if other.lower() == address.lower() else f"{address!r} reaches {other}"
            yield ("approval", "reviewers", at), what, "a reviewer counts once; remove one"
        known[_mailbox(address)] = address
    if not reviewers:
        counted = [key for key, given in (("needed", needed > 1), ("not_by", not_by)) if given]
        for key in counted:
            what = "there are no reviewers whose yes could be counted"
            yield ("approval", key), what, "name their addresses: reviewers"
    elif len(known) < needed:
        what = f"{needed} have to say yes, and there are {len(known)} reviewers"
        yield ("approval", "needed"), what, "name more, or ask for fewer"
    elif not_by and len(known) == needed:
        what = "the version of a run that a reviewer started could never be approved"
        yield ("approval", "not_by"), what, "name one reviewer more than have to say yes"


def _mailbox(address: str) -> str:
    """Whose mailbox an address reaches, in whichever spelling: what follows a plus sign sorts mail, and names nobody.

    Source: https://www.rfc-editor.org/rfc/rfc5233
    """
    name, _, domain = address.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"
