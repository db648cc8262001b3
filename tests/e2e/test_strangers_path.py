"""The path of somebody who has never seen this, with a table of their own: from nothing to an answer in a browser."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from project_copy import copied_to, run_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODEL = "late-orders"
PHONE = {"width": 360, "height": 740}


def table(rows: int) -> str:
    """Orders of a shop: those that come from afar and are heavy come late, mostly."""
    drawn = random.Random(14)
    lines = ["order,weight_kg,distance_km,carrier,express,late"]
    for number in range(rows):
        weight, distance = round(drawn.uniform(0.1, 30), 1), drawn.randint(5, 900)
        carrier, express = drawn.choice(["post", "courier", "van"]), drawn.choice(["yes", "no"])
        strain = weight / 30 + distance / 900 + (0.4 if carrier == "post" else 0) - (0.5 if express == "yes" else 0)
        late = "yes" if strain + drawn.gauss(0, 0.15) > 0.9 else "no"
        lines.append(f"o-{number:05d},{weight},{distance},{carrier},{express},{late}")
    return "\n".join(lines) + "\n"


@contextmanager
def timed(part: str, spent: dict[str, float]) -> Iterator[None]:
    begun = time.monotonic()
    yield
    spent[part] = time.monotonic() - begun


def commands(project: Path) -> Callable[..., Any]:
    """``retrain`` in a copy of the project, as whoever was told what to export."""
    environment: dict[str, str] = {}

    def retrain(*words: str) -> Any:
        done = run_in(project, ".venv/bin/retrain", *words, environment=environment)
        assert done.returncode == 0, f"retrain {' '.join(words)}: {done.stdout}{done.stderr}"
        said = json.loads(done.stdout) if "--json" in words else done.stdout
        if words[0] == "up":
            environment["AWS_ENDPOINT_URL"] = said["url"]
        return said

    return retrain


def approve(phone: Page, cloud: str) -> None:
    """Three taps without a script: the link of the mail, the name, the yes."""
    phone.goto(f"{cloud}/_localcloud/pages/outbox")
    phone.locator("a[href*='/decide/']").first.tap()
    phone.get_by_label("Your name").tap()
    phone.keyboard.type("Ada")
    phone.get_by_role("button", name="Approve").tap()
    phone.get_by_role("heading", name="Version 1 was approved").wait_for()


def ask(phone: Page, address: str) -> str:
    """What the endpoint says of one order, in the page's form."""
    phone.goto(address)
    phone.get_by_role("link", name="try one record").tap()
    for name, value in {"weight_kg": "28", "distance_km": "850", "carrier": "post", "express": "no"}.items():
        phone.get_by_label(name, exact=True).fill(value)
    phone.get_by_role("button", name="Ask the endpoint").tap()
    phone.get_by_role("heading", name=f"The endpoint of {MODEL} answers").wait_for()
    return " ".join(phone.get_by_role("definition").all_inner_texts())


@pytest.mark.slow
@pytest.mark.local
@pytest.mark.browser
@pytest.mark.timeout(900)
def test_a_strangers_table_becomes_an_answer_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    spent: dict[str, float] = {}
    retrain = commands(copied_to(tmp_path / "project"))
    (tmp_path / "orders.csv").write_text(table(3000))
    state, orders = ("--state", str(tmp_path / "state")), str(tmp_path / "orders.csv")
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, java_script_enabled=False)
    phone = context.new_page()

    try:
        with timed("a cloud from nothing, with the project deployed", spent):
            cloud = retrain("up", "--detach", "--port", "0", *state, "--json")["url"]
        with timed("the console is open", spent):
            phone.goto(retrain("open", "--json")["address"])
            phone.get_by_role("heading", level=1).wait_for()
        with timed("a model file is guessed and published", spent):
            guessed = retrain("new", MODEL, "--from", orders, "--target", "late")
            retrain("publish", MODEL)
        with timed("from the upload to the question", spent):
            retrain("upload", MODEL, orders)
            waits = retrain("watch", MODEL, "--until-approval", "--json")
        with timed("three taps", spent):
            approve(phone, cloud)
        with timed("from the yes to what serves", spent):
            ended = retrain("watch", MODEL, "--json")
        with timed("an answer in the page's form", spent):
            said = ask(phone, retrain("open", MODEL, "--operate", "--json")["address"])
    finally:
        retrain("down", *state)
        context.close()

    print("\n".join(f"{seconds:6.1f} s  {part}" for part, seconds in spent.items()))
    assert "late" in guessed
    assert (waits["status"], ended["status"], ended["version"]) == ("Awaiting approval", "Deployed", 1)
    assert re.search(r"\b(yes|no)\b", said)
    assert float(re.findall(r"\d\.\d+", said)[0]) > 0.5  # it is heavy, from afar, by post and not in haste
