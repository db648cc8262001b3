"""Links to the stack's console: pages that a browser reads, for some hours."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cli.errors import UserError
from cli.stack.target import Target

GOOD_FOR = timedelta(hours=12)
RUN = re.compile(r"[a-z0-9-]+-\d{8}t\d{6}-[0-9a-f]{6}")


@dataclass(frozen=True)
class ConsoleLink:
    """Whoever has the address may look, and change nothing, unless it ``operates``."""

    address: str
    until: str  # ISO
    operates: bool = False  # withdraws uploads and sends dead letters again, too
    signed: bool = False  # only signed requests are answered, which a browser does not make


def console_link(
    target: Target, what: str = "", outputs: dict[str, str] | None = None, *, operates: bool = False
) -> ConsoleLink:
    """A new link to all models, or to ``what``: a model's or a run's name; one that ``operates`` may change things. Of
    ``what`` that is a link of the stack already, that one.

    Raises:
        UserError: the stack has no pages, or the link is another's.
    """
    from app.decide.names.times import iso
    from app.decide.pages.links import SECRET_BYTES, console_address, console_hash, operating_hash

    outputs = outputs or target.outputs()
    page_url, signed = outputs.get("PageUrl"), "PagePolicyArn" in outputs
    if not page_url:
        raise UserError(f"stack '{target.stack}' has no pages: deploy it with the parameter DecisionPage=link")
    if "://" in what:
        if not what.startswith(page_url):
            raise UserError(f"{what} is no link of stack '{target.stack}', whose pages are at {page_url}")
        return ConsoleLink(what, "", signed=signed)
    _require_known(target, what)
    secret, until = secrets.token_urlsafe(SECRET_BYTES), datetime.now(UTC) + GOOD_FOR
    if operates:
        target.ledger().add_operating_link(operating_hash(secret), until)
    else:
        target.ledger().add_console_link(console_hash(secret), until)
    place = f"{'runs' if RUN.fullmatch(what) else 'models'}/{what}" if what else ""
    return ConsoleLink(console_address(page_url, secret, place), iso(until), operates, signed)


def _require_known(target: Target, what: str) -> None:
    """A link to what is not there would open a page that says no more than that."""
    ledger = target.ledger()
    if not what or (ledger.record(what) if RUN.fullmatch(what) else what in ledger.models()):
        return
    known = ", ".join(sorted(ledger.models())) or "nothing was uploaded yet"
    raise UserError(f"'{what}' is no model or run here (models: {known}); `retrain status` lists the runs")
