"""Requests of browsers to a function's URL, which anybody may send: only what is asked is taken from them. Pure."""

import base64
import binascii
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from app.decide.names.resource_names import is_model_name, model_of_run
from app.decide.parsing import Shape, message

LINK = re.compile(r"/decide/([^/]{1,63})/([1-9][0-9]{0,8})/([A-Za-z0-9_-]{43})", re.ASCII)
PARTS = r"(?:/(versions)/([1-9][0-9]{0,8})|/(steps)/([A-Za-z0-9-]{1,64})|/(report|try))"  # of a model's or a run's page
CONSOLE = re.compile(rf"/console/([A-Za-z0-9_-]{{43}})(?:/(models|runs)/([a-z0-9-]{{1,80}}){PARTS}?)?/?", re.ASCII)
BELONGS = {
    "versions": "models",
    "steps": "runs",
    "report": "runs",
    "try": "models",
    "": "",
}  # part -> the shelf that has it
FOLLOW = "follow"  # the whole query of a page that comes again by itself
FORM = "application/x-www-form-urlencoded"
LARGEST_FORM = 16_384  # bytes
MOST_FIELDS = 20
MOST_COLUMNS = 250  # fields of a record that is tried
REQUEST = Shape("request")  # of a browser, in payload format 2.0


class PageRequested(NamedTuple):
    """A browser, a mail scanner or anybody else asks for a page, or sends a page's form."""

    method: str
    path: str
    model: str = ""  # of the link; "" where the path is none
    version: int = 0
    secret: str = ""
    shelf: str = ""  # of the console: "all", "models" or "runs"; "" where the path is none of its
    name: str = ""  # of the model or run there
    part: str = ""  # of that: "versions", "steps", "report" or "try"; "" for the whole
    item: str = ""  # the version, or the step's name
    form: dict[str, str] | None = None  # None where none was sent, or one that is none
    foreign: bool = False  # another site's page sent it
    follow: bool = False  # of the console: the page is to come again by itself

    @staticmethod
    @message(REQUEST)
    def parse(document: dict[str, Any]) -> "PageRequested":
        """From the event of a function's URL.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
        """
        path, method = str(document["rawPath"]), str(document["requestContext"]["http"]["method"])
        headers = {str(name).lower(): str(value) for name, value in document["headers"].items()}
        if (console := CONSOLE.fullmatch(path)) and (place := _of_console(method, path, console)):
            follow = document.get("rawQueryString") == FOLLOW
            return place._replace(
                follow=follow, form=_form(document, headers, MOST_COLUMNS), foreign=_is_foreign(headers)
            )
        found = LINK.fullmatch(path)
        asked = PageRequested(method, path, form=_form(document, headers), foreign=_is_foreign(headers))
        if found is None or not is_model_name(found[1]):
            return asked
        return asked._replace(model=found[1], version=int(found[2]), secret=found[3])


def _of_console(method: str, path: str, found: re.Match[str]) -> PageRequested | None:
    """A place in the console; None where a model is asked for what only a run has, or the other way round."""
    secret, shelf, name, *parts = (text or "" for text in found.groups())
    part = parts[0] or parts[2] or parts[4]
    if part and BELONGS[part] != shelf:
        return None
    model = name if shelf == "models" else model_of_run(name) if name else ""
    item = parts[1] or parts[3]
    return PageRequested(method, path, model, secret=secret, shelf=shelf or "all", name=name, part=part, item=item)


def _form(document: dict[str, Any], headers: dict[str, str], most: int = MOST_FIELDS) -> dict[str, str] | None:
    """The fields of a form; None of what is none, is too large, or says a field twice."""
    body = str(document.get("body") or "")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM or len(body) > 2 * LARGEST_FORM:
        return None
    try:
        raw = base64.b64decode(body, validate=True) if document.get("isBase64Encoded") else body.encode()
        fields = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=most, errors="strict")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return dict(fields) if len(dict(fields)) == len(fields) and len(raw) <= LARGEST_FORM else None


def _is_foreign(headers: dict[str, str]) -> bool:
    """Whether a browser says that another site's page sent this. Its own pages tell nobody where they are
    (no-referrer), so that their origin is "null".

    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin", "null")
    return site not in ("none", "same-origin") or (
        origin != "null" and origin.partition("://")[2] != headers.get("host")
    )
