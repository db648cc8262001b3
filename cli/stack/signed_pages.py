"""A door on this machine to pages that want signed requests: each is signed with the caller's credentials, which no
browser can do.

It listens on loopback, and leads to the one link that was opened and what lies below it: who does not know the link's
secret gets nothing signed, neither a program of another user of this machine nor a page in the same browser.
"""

import http.client
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

ROOT = re.compile(
    r"/console/[^/]+|/decide/[^/]+/[^/]+/[^/]+"
)  # of all that a link leads to; its secret is the last part
LARGEST = 65_536  # bytes of a form
TAKEN = ("content-type", "sec-fetch-site", "accept")  # of what a browser sends
OWN = ("connection", "transfer-encoding", "content-length", "date", "server", "strict-transport-security")
TIMEOUT_S = 60

Sign = Callable[[str, str, bytes], dict[str, str]]  # method, URL, body -> headers


class Door(ThreadingHTTPServer):
    """The door to one link, until it is shut."""

    daemon_threads = True

    def __init__(self, link: str, sign: Sign) -> None:
        """Listen at a port that is free.

        Raises:
            ValueError: it is no link to a page.
        """
        self.link, root = urlsplit(link), ROOT.match(urlsplit(link).path)
        if root is None:
            raise ValueError(f"{link} is no link to a page")
        self.root, self.sign = root[0], sign
        super().__init__(("127.0.0.1", 0), _Browser)

    @property
    def host(self) -> str:
        """What a browser calls it."""
        return f"127.0.0.1:{self.server_port}"

    @property
    def address(self) -> str:
        """Where a browser finds what the link leads to."""
        return f"http://{self.host}{self.link.path}"


class _Browser(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: Door

    def do_GET(self) -> None:
        """Pass it on."""
        self._pass_on(b"")

    def do_POST(self) -> None:
        """Pass a form on."""
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self.send_error(413)
            return
        self._pass_on(self.rfile.read(int(length)))

    def _pass_on(self, body: bytes) -> None:
        """Sign and send what is asked of the link, by this machine's own name; a name that somebody else's server gave
        to this address is none.
        """
        root, path = self.server.root, self.path.partition("?")[0]
        origin = self.headers.get("origin", "null")
        if self.headers.get("host") != self.server.host or not (path == root or path.startswith(f"{root}/")):
            self.send_error(404)
        elif origin not in ("null", f"http://{self.server.host}"):
            self.send_error(403)
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        place = self.server.link
        given = {name: self.headers[name] for name in TAKEN if name in self.headers}
        signed = self.server.sign(self.command, f"{place.scheme}://{place.netloc}{self.path}", body)
        connection = _connection(place.scheme, place.hostname or "", place.port)
        try:
            connection.request(self.command, self.path, body or None, {"Host": place.netloc, **given, **signed})
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            self.send_error(502, explain=str(error))
            return
        finally:
            connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a path has a secret."""


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """A name below localhost is this machine, whatever its resolver says."""
    where = "127.0.0.1" if host.endswith(".localhost") else host
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(where, port, timeout=TIMEOUT_S)
