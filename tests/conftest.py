"""Fixtures and options that every kind of test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cloud import CloudServer, start_cloud, stop_cloud
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP evil.test 127.0.0.1, MAP rebound.test 127.0.0.1, MAP *.localhost 127.0.0.1",
]

settings.register_profile("here", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("here")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--aws", action="store_true", help="run the end-to-end tests in the account that is signed in to")
    parser.addoption("--record-permissions", type=Path, help="write what roles and services asked for to this file")
    parser.addoption("--stack", default="retrain-e2e", help="with --aws: how the names of the tests' stacks begin")


@pytest.fixture(scope="session")
def cloud_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    """One local cloud for all tests of a session: tests use names of their own."""
    cloud = start_cloud(tmp_path_factory.mktemp("cloud"))
    yield cloud
    stop_cloud(cloud)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # two tests in a hundred have need of it

    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "there is no Chromium here: tests/integration/chromium.sh install, or -m 'not browser'"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()
