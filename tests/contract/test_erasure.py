"""What `retrain withdraw --erase` deletes of a run: every output of every compiled pipeline is known to it."""

import json
import re
from pathlib import Path

import pytest

from cli.plans.withdrawal import NO_ROWS, ROWS
from tests.contract.compiled_pipelines import COMPILED


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_each_output_of_a_job_is_known_to_hold_rows_or_none(path: Path) -> None:
    steps = json.dumps(json.loads(path.read_text()))
    written = set(re.findall(r'"OutputName": "([^"]+)", "S3Output"', steps))

    assert written
    assert written <= ROWS | NO_ROWS
    assert ROWS.isdisjoint(NO_ROWS)
