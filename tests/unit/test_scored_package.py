"""Whether what is kept of a version is what its evaluation scored."""

import base64
import hashlib

import pytest
from app.decide.protection.judged_content import Judged, JudgedObject, describe_other_package

SCORED = hashlib.sha256(b"the package").hexdigest()


def kept(*bodies: bytes, checksums: bool = True) -> Judged:
    """Artifacts of these contents."""
    sums = [base64.b64encode(hashlib.sha256(body).digest()).decode() if checksums else "" for body in bodies]
    written, copy = "s3://data/model.tar.gz", "s3://data/judged/model.tar.gz"
    objects = (JudgedObject(f"artifact-{number}", written, "v", copy, "w", one) for number, one in enumerate(sums, 1))
    return Judged((), tuple(objects))


def test_the_package_that_was_scored_is_the_one_that_is_kept() -> None:
    assert describe_other_package(kept(b"the package"), SCORED) == ""


def test_another_package_in_its_place_is_told() -> None:
    told = describe_other_package(kept(b"another"), SCORED)

    assert told == "s3://data/model.tar.gz is not the package that evaluation scored"


@pytest.mark.parametrize(
    ("judged", "scored"),
    [
        (kept(b"a", b"b"), SCORED),  # of several containers none is the package
        (kept(b"another"), ""),  # a definition of an earlier release says nothing
        (kept(b"another", checksums=False), SCORED),  # copied in parts: S3 has no checksum of the whole
        (Judged(), SCORED),
    ],
)
def test_where_there_is_nothing_to_compare_nothing_is_said(judged: Judged, scored: str) -> None:
    assert describe_other_package(judged, scored) == ""
