"""The console's pages on a local cloud after a run: how long until a page's first byte, warm, and what each weighs."""

import os
import re
import statistics
import time
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit, urlunsplit

from benchmarks.aims import Aim, Part
from benchmarks.fresh_cloud import MODEL, deployed, fresh_cloud
from cli.demo_data import generate
from cli.stack.target import HOME, Target
from cli.stack.web_console import console_link
from localcloud.front.state_folder import make

ASKED, WARM_UP = 9, 2
MOST_MS, MOST_BYTES = 100.0, 60_000
ROWS, DEADLINE_S = 2_000, 300.0
LINK = re.compile(r'<a [^>]*href="([^"#]+)"')


def _asked(address: str) -> tuple[float, bytes]:
    """Milliseconds until the first byte of a page's body, and the page; each over a connection of its own."""
    parts = urlsplit(address)
    connection = HTTPConnection("127.0.0.1", parts.port, timeout=60)  # not every resolver knows names below localhost
    began = time.perf_counter()
    connection.request("GET", urlunsplit(("", "", parts.path, parts.query, "")), headers={"Host": parts.netloc})
    answer = connection.getresponse()
    first = answer.read(1)
    took_ms = (time.perf_counter() - began) * 1000
    body = first + answer.read()
    connection.close()
    assert answer.status == 200, body
    return took_ms, body


def _pages(target: Target, run: str) -> dict[str, str]:
    """An address of each page, by what it shows: all models, the model, the run, and whatever these link to."""
    found = {"all models": console_link(target).address}
    for what in (MODEL, run):
        address = console_link(target, what).address
        secret = address.split(what)[0].removesuffix("models/").removesuffix("runs/")
        linked = (urljoin(address, unescape(link)) for link in LINK.findall(_asked(address)[1].decode()))
        for there in (address, *(one for one in linked if one.startswith(secret))):
            shown = there.removeprefix(secret).replace(run, "RUN")
            if shown:
                found.setdefault(shown, there)
    return found


def part() -> Part:
    """Ask for each page some times, and say the median of its first byte and its weight."""
    busy = os.getloadavg()[0]
    make(folder := HOME / "bench")
    data = folder / "pages.csv"
    data.write_text(generate(MODEL, ROWS, 1))
    with fresh_cloud(DecisionPage="link") as (target, _):
        found = []
        for shown, address in _pages(target, deployed(target, data, DEADLINE_S).id).items():
            answers = [_asked(address) for _ in range(WARM_UP + ASKED)][WARM_UP:]
            found.append((statistics.median(ms for ms, _ in answers), max(len(body) for _, body in answers), shown))
    lines = "".join(f"| {shown} | {ms:.0f} ms | {size:,} |\n" for ms, size, shown in found)
    page = f"""## Pages

The console of a local cloud with one model and one run of {ROWS:,} rows, {ASKED} times each, warm; the median until a
page's first byte, over a connection of its own. The machine's load average was {busy:.1f} before and
{os.getloadavg()[0]:.1f} after.

| page | first byte | bytes |
|---|---:|---:|
{lines}"""
    slowest, largest = max(ms for ms, *_ in found), max(size for _, size, _ in found)
    return Part(page, (
        Aim(f"first byte of the slowest page, of {MOST_MS:.0f} ms", slowest, MOST_MS),
        Aim(f"the largest page, of {MOST_BYTES:,} bytes", largest, MOST_BYTES),
    ))  # fmt: skip
