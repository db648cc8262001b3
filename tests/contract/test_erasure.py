"""What `retrain withdraw --erase` deletes of a run: every output of every compiled pipeline is known to it."""

import json
import re
from pathlib import Path

import pytest
from artifact import layout

from cli.plans.withdrawal import HASHES, NO_ROWS, ROWS, holds_rows
from tests.contract.compiled_pipelines import COMPILED


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_each_output_of_a_job_is_known_to_hold_rows_or_none(path: Path) -> None:
    steps = json.dumps(json.loads(path.read_text()))
    written = set(re.findall(r'"OutputName": "([^"]+)", "S3Output"', steps))

    assert written
    assert written <= ROWS | NO_ROWS
    assert ROWS.isdisjoint(NO_ROWS)


def test_hashes_of_rows_go_with_the_rows_and_what_was_learnt_stays() -> None:
    below = "pipelines/churn/e1/Preprocess"

    assert HASHES == layout.LEARNT
    assert holds_rows(f"{below}/train/algo-1.csv")
    assert holds_rows(f"{below}/features/{HASHES}")
    assert not holds_rows(f"{below}/features/{layout.FEATURES}")
