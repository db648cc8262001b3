"""``make site``: the documents as a site that loads nothing from elsewhere, whose links hold, and which is searched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from followed_documents import documents
from project_copy import made_copy_to, run_in

pytestmark = [pytest.mark.slow, pytest.mark.local]
LOADED = re.compile(r"<(?:script|link|img|iframe|source|video)\b[^>]*?(?:src|href)=[\"']?(?:https?:)?//[^>]*>")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_copy_to(tmp_path_factory.mktemp("documents"), ".venv-site")


@pytest.fixture(scope="module")
def site(project: Path) -> Path:
    done = run_in(project, "make", "site")
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "build" / "site"


def test_every_document_is_a_page_and_in_the_search_and_on_the_one_page(site: Path) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text())
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    one = (site / "print_page.html").read_text()
    pages = {name.replace("README.md", "index.md").removesuffix(".md") + ".html" for name in documents()}

    assert {page for page in pages if not (site / page).is_file()} == set()
    assert pages - found == set()
    assert "Deployment is a level, not an edge" in one


def test_a_message_of_the_app_leads_to_what_to_do(site: Path) -> None:
    messages = (site / "docs" / "guides" / "messages.html").read_text()

    assert "which must be a number" in messages
    assert 'href="troubleshooting.html#a-file-was-refused"' in messages


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    assert {found for page in site.rglob("*.html") for found in LOADED.findall(page.read_text())} == set()


def test_a_link_that_leads_nowhere_fails_the_build(site: Path, project: Path) -> None:
    assert site.is_dir()
    page = project / "docs" / "uploads.md"
    before = page.read_text()
    page.write_text(before + "\n[gone](guides/concepts.md#no-such-heading)\n")
    try:
        done = run_in(project, "make", "site")
    finally:
        page.write_text(before)

    assert done.returncode != 0
    assert "no-such-heading" in done.stdout + done.stderr
