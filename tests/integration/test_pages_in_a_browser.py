"""The pages in a real browser: readable by everybody, at a phone's width and a desk's, in both schemes, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from sample_pages import PAGES
from screenshots import draw

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
LARGEST = 60_000  # bytes


@pytest.fixture(params=[(360, "light"), (360, "dark"), (1280, "light"), (3840, "dark")], ids=str, scope="module")
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def opened(page: Page, name: str, folder: Path) -> Page:
    path = folder / "page.html"
    path.write_text(PAGES[name], "utf-8")
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_a_page_keeps_anybody_from_reading_it(screen: Page, tmp_path: Path, name: str) -> None:
    page = opened(screen, name, tmp_path)

    found = Axe().run(page, options=OPTIONS).response["violations"]

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert len(PAGES[name].encode()) < LARGEST


def test_a_table_that_is_wider_than_a_phone_has_its_caption_whole_and_shows_that_it_goes_on(
    browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = opened(context.new_page(), "a model", tmp_path)

    frames = "[...document.querySelectorAll('.wide')]"
    cut = f"{frames}.filter(f => f.querySelector('caption') && f.querySelector('caption').getBoundingClientRect().right"
    assert page.evaluate(f"{frames}.length") > 1
    assert page.evaluate(f"{cut} > f.getBoundingClientRect().right + 1).length") == 0
    assert page.evaluate(f"getComputedStyle({frames}[0]).backgroundAttachment") == "local, local, scroll, scroll"
    versions = page.locator(".wide", has=page.locator("table.states")).first
    versions.evaluate("frame => frame.scrollTo(frame.scrollWidth, 0)")
    last = versions.locator("thead th").last
    assert last.evaluate("cell => cell.getBoundingClientRect().right") <= versions.evaluate(
        "frame => frame.getBoundingClientRect().right + 1"
    )
    assert last.evaluate("cell => cell.getBoundingClientRect().height") < 60  # no word of it stands letter by letter
    context.close()


def test_a_decision_is_made_by_keyboard_alone(page: Page, tmp_path: Path) -> None:
    opened(page, "question", tmp_path)
    reached = []

    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name + ' ' + document.activeElement.value"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"

    assert reached == ["who ", "reason ", "decision approve", "decision reject"]


def test_what_looks_at_pages_sees_a_fault(page: Page) -> None:
    page.set_content("<main><input><img src=x></main>")

    found = {one["id"] for one in Axe().run(page, options=OPTIONS).response["violations"]}

    assert {"label", "image-alt", "html-has-lang"} <= found


def test_each_page_has_a_picture_for_each_width_and_scheme(browser: Browser, tmp_path: Path) -> None:
    drawn = draw(browser, tmp_path / "pictures", {"a run": PAGES["a run"]})

    assert [picture.name for picture in drawn] == [
        f"a-run-{width}-{scheme}.png" for width in ("phone", "desk") for scheme in ("light", "dark")
    ]
    assert {picture.read_bytes()[:4] for picture in drawn} == {b"\x89PNG"}
    assert len({picture.read_bytes() for picture in drawn}) == 4
