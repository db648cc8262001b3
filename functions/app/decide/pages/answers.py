"""Answers to a browser: status, headers that hold for every page, and the page. Pure, but for the templates it reads.

Source: https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/referrer-policy/ (a link's secret is told to no other site)
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.decide.names.shown_text import shown
from app.decide.pages.endings import Ending

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 2_000  # characters of one text
FOREIGN_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class Answer(NamedTuple):
    """An HTTP answer, and what the log says of it."""

    status: int
    outcome: str
    body: str = ""
    location: str = ""  # where the browser goes on
    allowed: str = ""  # methods, where another was used
    refresh_s: int = 0  # after which the browser asks again; 0 for never
    policy: str = ""  # of its content; "" for that of our own pages

    @property
    def response(self) -> dict[str, Any]:
        """For the function's URL. Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"""
        again = str(self.refresh_s) if self.refresh_s else ""
        more = {"Location": self.location, "Allow": self.allowed, "Refresh": again}
        more |= {"Content-Security-Policy": self.policy}
        headers = _headers() | {name: value for name, value in more.items() if value}
        return {"statusCode": self.status, "headers": headers, "body": self.body}


def page(status: int, outcome: str, template: str, **facts: Any) -> Answer:
    """Write a page. Every text is escaped, and what hides or moves in it is made visible."""
    body = _environment().get_template(template).render(style=Markup(_style()), **facts)  # noqa: S704 - a file of ours
    return Answer(status, outcome, body)


def document(outcome: str, body: str) -> Answer:
    """Show a document that somebody else wrote, as it is: nothing in it runs, is sent, or is fetched, and it is a page
    of nobody, so that it reads nothing of ours.

    Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/sandbox
    """
    return Answer(200, outcome, body, policy=FOREIGN_POLICY)


def said(found: Ending) -> Answer:
    """Write a page that says something and asks nothing."""
    facts = {"heading": found.heading, "lines": found.lines, "tone": found.tone, "eyebrow": found.eyebrow}
    return page(found.status, found.outcome, "said.html", command=found.command, **facts)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _visible(value: Any) -> Any:
    return shown(value, LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _style() -> str:
    return (TEMPLATES / "style.css").read_text("utf-8")


@cache
def _headers() -> dict[str, str]:
    style = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = ("default-src 'none'", f"style-src 'sha256-{style}'", "form-action 'self'", "base-uri 'none'")
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join((*policy, "frame-ancestors 'none'")),
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Robots-Tag": "noindex, nofollow",
    }
