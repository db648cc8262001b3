"""What AWS asks for: a table of list prices with its region, its date and its source. Pure, but for the file it reads.

``prices.json`` is the table that is deployed and that commands use; whoever pays other prices, or in another region,
replaces it, or gives a command one of the same form.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

LISTED = Path(__file__).with_name("prices.json")
TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")  # of an instance
FORM = (
    '{"region": "eu-west-1", "as_of": "2026-11-30", "source": "https://…", "hour_usd": {"ml.m5.large": 0.128}}: '
    "dollars an hour of one instance"
)


class BadPrices(ValueError):
    """It is no price table; the message says what is wrong with it."""


class Prices(NamedTuple):
    """List prices of one region, in US dollars."""

    region: str
    as_of: str  # the date, ISO
    source: str
    hour_usd: dict[str, float]  # of one instance, by its type
    each_usd: dict[str, float] = {}  # of one call, transition or GB-second, by name

    @property
    def origin(self) -> str:
        """Whose prices they are and since when, in words."""
        return f"list prices of {self.region}, {self.as_of}"


@cache
def listed() -> Prices:
    """The table that comes with the app."""
    return of_text(LISTED.read_text("utf-8"))


def of_plan(plan: Mapping[str, Any]) -> Prices:
    """The prices that a run was planned with: those that were published to the stack, else the app's own."""
    frozen = plan.get("prices")
    return Prices(**frozen) if frozen else listed()


def frozen(published: Prices, *named: Any) -> dict[str, Any]:
    """What a run's plan keeps of a published table: the prices of the instance types that are named anywhere in what
    was published of its model.
    """
    types = set(TYPE.findall(json.dumps(named, default=str)))
    kept = {kind: usd for kind, usd in published.hour_usd.items() if kind in types}
    return published._replace(hour_usd=kept, each_usd={})._asdict()


def of_text(text: str) -> Prices:
    """Read a price table.

    Raises:
        BadPrices: it is no JSON object of the table's form, or a price is no number of dollars.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadPrices(f"a price table is JSON, {FORM} ({error})") from error
    texts = ("region", "as_of", "source")
    if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in texts):
        raise BadPrices(f"a price table says its region, as_of and source: {FORM}")
    return Prices(*(document[name] for name in texts), *(_priced(document, name) for name in ("hour_usd", "each_usd")))


def _priced(document: dict[str, Any], name: str) -> dict[str, float]:
    given = document.get(name, {} if name == "each_usd" else None)
    if not isinstance(given, dict):
        raise BadPrices(f"a price table has {name}: {FORM}")
    for what, usd in given.items():
        if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 <= usd < float("inf"):
            raise BadPrices(f"{name} of '{what}' is {usd!r}, and no number of dollars")
    return {what: float(usd) for what, usd in given.items()}
