"""Every member that SageMaker takes here has a test that shows what becomes of it."""

from __future__ import annotations

from pathlib import Path

import yaml

from localcloud.sagemaker.played_members import members_of
from localcloud.sagemaker.request_members import MEMBERS

ROOT = Path(__file__).parents[2]
SHOWN: dict[str, dict[str, str]] = yaml.safe_load((ROOT / "tests" / "contract" / "played_members.yaml").read_text())


def test_every_member_that_is_taken_has_a_test() -> None:
    shown = [
        (operation, member)
        for rows in SHOWN.values()
        for operation, members in rows.items()
        for member in members.split()
    ]
    taken = {(operation, member) for operation in MEMBERS for member in members_of(operation)}

    assert sorted(taken - set(shown)) == []
    assert sorted(set(shown) - taken) == []
    assert len(shown) == len(set(shown))


def test_every_test_that_is_named_exists() -> None:
    missing = [
        test
        for test in SHOWN
        for file, _, name in [test.partition("::")]
        if f"def {name}(" not in (ROOT / file).read_text()
    ]

    assert missing == []
