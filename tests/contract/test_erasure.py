"""What `retrain withdraw --erase` deletes: it knows every folder of the bucket, every output of every compiled pipeline
and every part that is kept of what was judged; and who answers for data reads of each.
"""

import json
import re
from pathlib import Path

import pytest
from app.decide.protection.judged_content import parts
from artifact import layout

from cli.plans.withdrawal import (
    ERASED,
    HASHES,
    JUDGED_NO_ROWS,
    JUDGED_ROWS,
    KEPT,
    NO_ROWS,
    ROWS,
    holds_rows,
    judged_rows,
)
from tests.contract.compiled_pipelines import COMPILED
from tests.contract.role_policies import ROOT


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


def test_each_part_of_what_was_judged_is_known_to_hold_rows_or_none() -> None:
    containers = ({"ModelDataUrl": "s3://data/a/model.tar.gz"}, {"ModelDataUrl": "s3://data/b/model.tar.gz"})
    kept = {re.sub(r"-\d+$", "", part) for part in parts(containers, "s3://data/e.json", "s3://data/v.json")}

    assert kept == JUDGED_ROWS | JUDGED_NO_ROWS
    assert JUDGED_ROWS.isdisjoint(JUDGED_NO_ROWS)
    assert judged_rows("judged/churn/run/verification/verification.json")
    assert not judged_rows("judged/churn/run/evaluation/evaluation.json")
    assert not judged_rows("judged/churn/run/artifact-1/model.tar.gz")


def test_each_folder_that_anybody_may_write_is_erased_or_named_as_kept() -> None:
    written = set(re.findall(r"\$\{DataBucket\.Arn\}/([a-z]+)/", (ROOT / "template.yaml").read_text()))

    assert written == ERASED | KEPT
    assert ERASED.isdisjoint(KEPT)


def test_who_answers_for_data_reads_of_each_folder_what_becomes_of_it() -> None:
    to_have_it_nowhere, left = (ROOT / "docs" / "privacy.md").read_text().split("## What is left")

    assert {folder for folder in ERASED if f"| `{folder}/" not in to_have_it_nowhere} == set()
    assert {folder for folder in KEPT - {"code"} if f"`{folder}/" not in left} == set()
