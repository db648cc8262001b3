"""Which versions a rollback rejects, and in which order."""

import pytest
from app.decide.approval_rules import newest_eligible
from hypothesis import given
from hypothesis import strategies as st

from cli import changes
from cli.errors import UserError
from cli.plans.rollback import Reject, Version, goal, plan

STATUSES = st.sampled_from(["Approved", "Rejected", "PendingManualApproval"])


def version(
    number: int, status: str = "Approved", *, failed: bool = False, judged: bool = True, erased: bool = False
) -> Version:
    return Version(number, status, f"arn:{number}", failed, judged, erased)


@st.composite
def registries(draw: st.DrawFn) -> tuple[list[Version], int]:
    """Up to eight versions, newest first, and one of them that could serve."""
    facts = draw(st.lists(st.tuples(STATUSES, st.booleans()), min_size=1, max_size=8))
    target = draw(st.integers(1, len(facts)))
    facts[target - 1] = ("Approved", False)
    return [version(number, status, failed=failed) for number, (status, failed) in enumerate(facts, 1)][::-1], target


def desired(versions: list[Version], rejected: set[int]) -> int | None:
    approved = [one.number for one in versions if one.status == "Approved" and one.number not in rejected]
    return newest_eligible(approved, {one.number for one in versions if one.failed})


@given(registries())
def test_what_is_to_serve_changes_once_and_to_the_target(registry: tuple[list[Version], int]) -> None:
    versions, target = registry
    steps, rejected = [desired(versions, set())], set()

    for change in plan("churn", versions, goal("churn", versions, None, target), "odd numbers"):
        rejected.add(change.version)
        steps.append(desired(versions, rejected))

    assert steps[-1] == target
    assert set(steps[:-1]) <= {steps[0]}
    assert all(one.number in rejected for one in versions if one.desirable and one.number > target)


def test_versions_are_rejected_from_the_lowest_up_with_the_reason() -> None:
    versions = [version(5, "PendingManualApproval"), version(4), version(3, failed=True), version(2), version(1)]

    found = plan("churn", versions, 1, "odd numbers")

    why = "rolled back to version 1: odd numbers"
    assert found == [Reject("churn", 2, "arn:2", why), Reject("churn", 4, "arn:4", why)]
    assert changes.render_text(found) == "  reject: churn version 2, churn version 4"
    assert changes.as_data(found)[0] == {
        "change": "Reject", "model": "churn", "version": 2, "package_arn": "arn:2", "reason": why,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("versions", "serves", "found"),
    [
        ([version(3), version(2), version(1)], 3, 2),
        ([version(3), version(2), version(1)], 2, 1),
        ([version(4), version(3), version(2, "Rejected"), version(1)], 3, 1),
        ([version(3), version(2, failed=True), version(1)], 3, 1),
        ([version(3), version(2, judged=False), version(1)], 3, 1),
        ([version(3), version(2, erased=True), version(1)], 3, 1),
    ],
)
def test_without_a_version_the_newest_approved_one_below_what_serves_is_meant(
    versions: list[Version], serves: int, found: int
) -> None:
    assert goal("churn", versions, serves, None) == found


@pytest.mark.parametrize(
    ("versions", "serves", "named", "said"),
    [
        ([version(1)], 1, None, "no approved version of 'churn' is older than version 1, which serves"),
        ([version(2), version(1, "Rejected")], 2, None, "no approved version of 'churn' is older than version 2"),
        ([version(2), version(1)], None, None, "no version of 'churn' serves; name the version to go"),
        ([version(2), version(1)], 2, 7, "'churn' has no version 7; there are: 2, 1"),
        ([], None, 1, "'churn' has no version 1; there are: none yet"),
        ([version(2), version(1, "Rejected")], 2, 1, "version 1 of 'churn' is Rejected; `retrain approve churn 1`"),
        ([version(2), version(1, failed=True)], 2, 1, "version 1 of 'churn' failed when it was deployed; `retrain app"),
        ([version(2), version(1, judged=False)], 2, 1, "version 1 of 'churn' was registered by hand, not by a run"),
        ([version(2), version(1, erased=True)], 2, 1, "the held-out records of version 1 of 'churn' were erased"),
    ],
)  # fmt: skip
def test_a_rollback_to_nothing_is_refused_in_a_sentence(
    versions: list[Version], serves: int | None, named: int | None, said: str
) -> None:
    with pytest.raises(UserError) as refused:
        goal("churn", versions, serves, named)

    assert str(refused.value).startswith(said)


def test_what_serves_stays_to_be_gone_back_to_when_its_records_were_erased() -> None:
    assert goal("churn", [version(3), version(2, erased=True)], 2, 2) == 2
