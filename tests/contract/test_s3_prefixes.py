"""No job reads more than it is given: S3Prefix is every key that begins so, a neighbour's too.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

from pathlib import Path

import pytest

from tests.contract.compiled_pipelines import COMPILED, filled
from tests.contract.s3_locations import locations


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_no_prefix_that_a_step_reads_is_how_another_location_begins(path: Path) -> None:
    found = locations(filled(path))

    assert found.prefixes
    assert found.written
    assert found.mixed == []


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_a_prefix_that_no_step_writes_is_a_folder_with_its_slash_or_a_file(path: Path) -> None:
    found = locations(filled(path))
    others = set(found.prefixes.values()) - set(found.written.values())

    assert {uri for uri in others if not uri.endswith(("/", ".json", "/model.tar.gz"))} == set()
