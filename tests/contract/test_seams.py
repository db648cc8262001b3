"""The moto that is installed is the moto that the local cloud was written for."""

from __future__ import annotations

import pytest

from localcloud.front import moto_patches
from localcloud.front.moto_patches import SEAMS, Seam, SeamMoved


@pytest.mark.parametrize("seam", SEAMS, ids=lambda seam: seam.path)
def test_every_seam_is_where_the_table_says(seam: Seam) -> None:
    moto_patches.check(seam)


def test_no_symbol_has_two_rows() -> None:
    paths = [seam.path for seam in SEAMS]

    assert len(paths) == len(set(paths))


def test_every_row_says_why() -> None:
    assert [seam.path for seam in SEAMS if len(seam.why) < 15] == []


def test_a_symbol_that_is_not_in_the_table_cannot_be_replaced() -> None:
    with pytest.raises(SeamMoved, match="has no row in"):
        moto_patches.replace("moto.s3.models:FakeBucket.set_tags", lambda self, tags: None)


@pytest.mark.parametrize(
    ("path", "signature", "said"),
    [
        ("moto.s3.models:FakeBucket.no_such_method", "(self)", "does not exist"),
        ("moto.s3.models:NoSuchClass.method", "(self)", "NoSuchClass does not exist"),
        ("moto.no_such_module:function", "()", "moto.no_such_module does not exist"),
        ("moto.s3.models:FakeBucket.get_permission", "(self, action)", r"expected \(self, action\)"),
    ],
)
def test_a_symbol_that_moved_is_named(path: str, signature: str, said: str) -> None:
    with pytest.raises(SeamMoved, match=said):
        moto_patches.check(Seam(path, signature, "to see it fail"))


def test_an_operation_that_moto_has_by_now_is_not_overwritten() -> None:
    with pytest.raises(SeamMoved, match="exists in the installed moto"):
        moto_patches.add_operation("moto.sqs.responses:SQSResponse", "send_message", lambda self: "")
