"""docs/add-a-model.md, followed word for word in a copy of the project."""

import re
from pathlib import Path

import pytest
from followed_documents import blocks_of, follow
from project_copy import copied_to


@pytest.mark.slow
@pytest.mark.local
@pytest.mark.timeout(900)
def test_the_document_works_word_for_word(tmp_path: Path) -> None:
    project = copied_to(tmp_path)
    try:
        said = [follow(block, project) for block in blocks_of("docs/add-a-model.md") if not block.startswith("make ")]
    finally:
        follow(".venv/bin/retrain down", project)

    guessed, checked, demo, stay = said[-4:]
    assert "target" in guessed
    assert "positive label" in guessed
    assert checked.strip() == "models/loan-default.yaml: good"
    assert re.search(r"^loan-default-\S+: Deployed$", demo, re.MULTILINE)
    assert "equal what evaluation stored" in demo
    assert "taken by run loan-default-" in stay
