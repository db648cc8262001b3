"""The cloud's own pages, as HTML. Each text from outside is escaped, and what hides or moves in it is made visible."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from localcloud.bus import events, topics
from localcloud.pages import facts
from localcloud.pages.html import Html
from localcloud.settings import Cloud

TEMPLATES = Path(__file__).parent / "templates"
MOST_MAILS, MOST_EVENTS, LONGEST_EVENT, LONGEST_LINE = 30, 60, 600, 400
LINK = re.compile(r"(https?://[^\s<>\"']+)")
MAILS = ("email", "email-json", "sms")  # protocols of people


class Part(NamedTuple):
    """A piece of a mail's text."""

    text: str
    is_link: bool


def home(cloud: Cloud, _: Request) -> Html:
    """What there is: queues, buckets, functions, and where the rest is."""
    account, region = cloud.account_id, cloud.region
    return _page(
        "home.html", queues=facts.queues(account, region), buckets=facts.buckets(account),
        functions=facts.functions(account, region),
    )  # fmt: skip


def outbox(_: Cloud, __: Request) -> Html:
    """What topics were given, newest first: whom each would have reached, and its text with links to follow."""
    newest = list(topics.RECENT)[: -MOST_MAILS - 1 : -1]
    return _page("outbox.html", mails=[one | {"parts": parts(one["message"]), "to": told(one)} for one in newest])


def told(mail: dict[str, Any]) -> str:
    """Whom a notification reached, or would have."""
    heard = [(str(one["protocol"]), str(one["endpoint"])) for one in mail["subscriptions"]]
    people = [f"{protocol} {endpoint}" for protocol, endpoint in heard if protocol in MAILS]
    others = [f"{protocol} {endpoint.rpartition(':')[2]}" for protocol, endpoint in heard if protocol not in MAILS]
    return ", ".join([*people, *others]) or "nobody: no subscription takes it"


def parts(text: str) -> list[Part]:
    """A mail's text with its links apart."""
    return [Part(piece, bool(number % 2)) for number, piece in enumerate(LINK.split(text)) if piece]


def bus(_: Cloud, __: Request) -> Html:
    """The last events, newest first."""
    newest = list(events.RECENT)[: -MOST_EVENTS - 1 : -1]
    return _page("events.html", events=[_event(one) for one in newest])


def _event(event: dict[str, Any]) -> dict[str, str]:
    """An event for a person; of one that PutEvents brought the bus keeps no time, of a refused one why."""
    detail = event["detail"] if isinstance(event["detail"], str) else json.dumps(event["detail"], default=str)
    about = [event.get("time"), event["source"], f"bus {event['bus']}", event.get("ErrorMessage")]
    told = " · ".join(str(one) for one in about if one)
    return {"kind": str(event["detail-type"]), "about": told, "text": detail[:LONGEST_EVENT]}


def logs(cloud: Cloud, request: Request) -> Html:
    """All log groups, or the last lines of the one that ``group`` names.

    Raises:
        BadRequest: there is none of that name.
    """
    name = request.args.get("group", "")
    found = facts.last_lines(cloud.account_id, cloud.region, name) if name else []
    if found is None:
        raise BadRequest("there is no such log group")
    groups = [] if name else facts.groups(cloud.account_id, cloud.region)
    return _page("logs.html", groups=groups, name=name, streams=found)


def _page(template: str, **facts_: Any) -> Html:
    return Html(_environment().get_template(template).render(style=Markup(_style()), **facts_))  # noqa: S704 - our file


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_visible,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters["at"] = _at
    made.filters["line"] = lambda text: text[:LONGEST_LINE]
    return made


def _at(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}" if milliseconds else "never"


def _visible(value: Any) -> Any:
    return "".join(map(_one_visible, value)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _one_visible(char: str) -> str:
    return char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode("ascii")


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8")
