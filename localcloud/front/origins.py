"""Whose requests are answered: those of this machine's programs, and of no page in a browser. Pure.

A browser lets any page send requests to this machine. It says so: by an ``Origin``, by ``Sec-Fetch-Site``, or, where a
name was pointed at this machine after the page was loaded from elsewhere, by that name in ``Host``.
Source: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only when asked
HTTP_PORT = 80  # a Host without a port means this one
LONGEST_TOLD = 100
_LOOKED_AT = {
    "HTTP_HOST": "host", "HTTP_ORIGIN": "origin", "HTTP_SEC_FETCH_SITE": "sec-fetch-site",
    "HTTP_SEC_FETCH_MODE": "sec-fetch-mode", "HTTP_REFERER": "referer",
}  # fmt: skip
_OWN_PAGE = re.compile(r"http://([^/]+)/_localcloud/.*", re.ASCII | re.DOTALL)
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", re.ASCII)
# RFC 6761 gives every name below localhost to this machine; SDKs put a bucket there.
_BELOW_LOCALHOST = re.compile(r"([a-z0-9_-]+\.)+localhost", re.ASCII)
# SDKs put words before the endpoint's host ("sync-", an account's id). No browser takes such a name: it ends in a
# number and is no address. Source: https://url.spec.whatwg.org/#ends-in-a-number-checker
_PREFIXED = re.compile(r"(?:[a-z0-9._-]*[a-z0-9_][.-])?(\d{1,3}(?:\.\d{1,3}){3})", re.ASCII)


@dataclass(frozen=True)
class Door:
    """Where a server is to be found: on ``port`` of loopback, and of ``host``; 0.0.0.0 is every address."""

    port: int
    host: str = LOOPBACK[0]

    def __str__(self) -> str:
        """All its names, for a person."""
        more = {EVERYWHERE: ["every address of this machine"]}.get(self.host, [f"{self.host}:{self.port}"])
        *names, last = dict.fromkeys([*(f"{name}:{self.port}" for name in LOOPBACK), *more])
        return f"{', '.join(names)} and {last}"


def refusal(headers: Mapping[str, str], door: Door, *, own_page: bool = False, of_app: bool = False) -> str | None:
    """Why a request is not answered, in one sentence; None when it is.

    ``headers`` have names in lower case, and several of one name joined by commas. ``own_page``: it asks for one of
    the server's own pages, which may ask for each other. ``of_app``: it asks for a
    page of an app, which has an origin of its own.
    """
    host, origin, site = headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site", "none")
    if not _is_ours(host.lower(), door):
        return f"the local cloud answers to {door}, and this request was for {_told(host) if host else 'no host'}"
    own = f"http://{host.lower()}"
    if (
        origin is not None
        and not ((own_page or of_app) and origin.lower() == own)
        and not (of_app and _silent(origin, site))
    ):
        return f"the local cloud answers programs, no page in a browser: this request is from {_told(origin)}"
    followed = of_app and origin is None and _follows_own_link(headers, door)
    if site != "none" and not ((own_page or of_app) and site == "same-origin") and not followed:
        return f"the local cloud answers programs, no page in a browser: this request is from a {_told(site)} page"
    return None


def _silent(origin: str, site: str) -> bool:
    """Whether a page asks its own server that tells nobody where it is (Referrer-Policy: no-referrer): its origin is
    "null" then, and the browser says that they are of one. Source: https://fetch.spec.whatwg.org/#append-a-request-origin-header
    """
    return origin == "null" and site == "same-origin"


def _follows_own_link(headers: Mapping[str, str], door: Door) -> bool:
    """Whether a person followed a link of one of the server's own pages: a page can hide where it is, and cannot claim
    to be elsewhere; one that lies in a bucket has another path. Source: https://w3c.github.io/webappsec-referrer-policy/
    """
    page = _OWN_PAGE.fullmatch(headers.get("referer", ""))
    names = [f"{name}:{door.port}" for name in (*LOOPBACK, door.host)]
    return headers.get("sec-fetch-mode") == "navigate" and page is not None and page[1].lower() in names


def of_environ(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a WSGI request that ``refusal`` looks at."""
    return {name: str(environ[key]) for key, name in _LOOKED_AT.items() if key in environ}


def of_message(message: Message) -> dict[str, str]:
    """The headers of a request as the standard library reads it."""
    return {name: ",".join(map(str, message.get_all(name, []))) for name in _LOOKED_AT.values() if name in message}


def _is_ours(host: str, door: Door) -> bool:
    found = _HOST.fullmatch(host)
    if found is None or int(found[2] or HTTP_PORT) != door.port:
        return False
    name = found[1]
    if name in LOOPBACK or name == door.host.lower() or _BELOW_LOCALHOST.fullmatch(name):
        return True
    address = _PREFIXED.fullmatch(name)
    return address is not None and (address[1] in (LOOPBACK[0], door.host) or _reachable(address[1], door))


def _reachable(address: str, door: Door) -> bool:
    """Whether the server listens everywhere: then an address, unlike a name, is that of whoever was asked."""
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return door.host == EVERYWHERE


def _told(text: str) -> str:
    """What a caller said, as plain text of bounded length."""
    return ascii(text[:LONGEST_TOLD])
