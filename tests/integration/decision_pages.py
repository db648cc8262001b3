"""The page behind a link of an approval's mail, without a browser: what a client sends, and what it is answered."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import show_page
from lambda_context import Context

SAMPLE = json.loads((Path(__file__).parents[2] / "events" / "show_page.json").read_text())
HOST = "page.test"
LINK = re.compile(r"https?://\S+/decide/\S+")
OWN = {"sec-fetch-site": "same-origin", "origin": "null"}
FORM = "application/x-www-form-urlencoded"
YES = {"who": "Ada", "reason": "better recall", "decision": "approve"}
NO = {"who": "Ada", "reason": "too few rows", "decision": "reject"}


def link_in(mail: str) -> str:
    """The one link of a mail."""
    (found,) = LINK.findall(mail)
    return str(found)


def ask(
    link: str, method: str = "GET", headers: dict[str, str] | None = None, body: str | bytes = ""
) -> dict[str, Any]:
    """Ask the function for what a URL leads to."""
    event = json.loads(json.dumps(SAMPLE))
    event |= {"rawPath": urlsplit(link).path, "rawQueryString": urlsplit(link).query}
    event["requestContext"]["http"] |= {"method": method, "path": event["rawPath"]}
    event["headers"] = {"host": HOST, **(headers or {})}
    if body:
        raw = body.encode() if isinstance(body, str) else body
        event |= {"body": base64.b64encode(raw).decode(), "isBase64Encoded": True}
    answered: dict[str, Any] = show_page.handler(event, Context())
    return answered


def send(link: str, fields: dict[str, str], **headers: str) -> dict[str, Any]:
    """Send the page's form as a browser does."""
    return ask(link, "POST", OWN | {"content-type": FORM} | headers, urlencode(fields))
