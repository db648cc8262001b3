"""Fixtures and options that every kind of test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsers import launched
from cloud import CloudServer, start_cloud, stop_cloud
from hypothesis import settings

from localcloud.settings import parse_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

settings.register_profile("here", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("here")
parse_once()  # what botocore knows of a service: SageMaker's alone takes a third of a second each time


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
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    """A local cloud whose policies hold, with nothing in it."""
    cloud = start_cloud(tmp_path_factory.mktemp("enforcing"), 0, "--enforce-iam")
    yield cloud
    stop_cloud(cloud)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()
