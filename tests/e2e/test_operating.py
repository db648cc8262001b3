"""docs/guides/operating.md, followed word for word in a copy of the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from followed_documents import blocks_of, follow
from project_copy import copied_to

pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(1800)]


def test_the_page_about_operating_works_word_for_word(tmp_path: Path) -> None:
    project = copied_to(tmp_path)
    try:
        said = [follow(block, project) for block in blocks_of("docs/guides/operating.md")]
    finally:
        follow(".venv/bin/retrain down", project)

    _, _, served, why, asked, measured, back, withdrawn, lost, ended = said
    assert "✓ verified" in served
    assert "first version" in why
    assert "approval requested" in asked
    assert "version 1" in measured
    assert "version 2" in back
    assert "may.csv" in withdrawn
    assert "no dead letters" in lost
    assert "the local cloud is down" in ended
