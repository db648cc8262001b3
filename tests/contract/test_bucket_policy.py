"""Who can write what in the data bucket, whatever the policies of roles come to say: each caller here may do everything
that the bucket's own policy does not deny.
"""

import pytest

from tests.contract.bucket_writes import (
    BASELINE,
    BUCKET,
    DELETES,
    JUDGED,
    OUTPUT,
    PUBLISHED,
    PUT,
    all_roles,
    all_writes,
    of_bucket,
    permitted,
    write,
)
from tests.contract.least_privilege import ADMIN
from tests.contract.role_policies import ACCOUNT, ARNS, synthesised
from tests.contract.weakened import survivors

PUBLISHERS = f"arn:aws:iam::{ACCOUNT}:role/ci-publisher,arn:aws:iam::{ACCOUNT}:user/publishers/*"
NAMED = [f"arn:aws:iam::{ACCOUNT}:role/ci-publisher", f"arn:aws:iam::{ACCOUNT}:user/publishers/ada"]


def role(name: str) -> str:
    return ARNS["AWS::IAM::Role"].format(name)


@pytest.mark.parametrize("action", [PUT, *DELETES])
@pytest.mark.parametrize("key", PUBLISHED)
def test_no_role_of_the_stack_writes_code_or_settings(action: str, key: str) -> None:
    assert [caller for caller in all_roles() if permitted(caller, action, key)] == []


@pytest.mark.parametrize("action", [PUT, *DELETES])
def test_baselines_are_written_by_verify_version_alone(action: str) -> None:
    assert [caller for caller in all_roles() if permitted(caller, action, BASELINE)] == [
        role("VerifyVersionFunctionRole")
    ]
    assert not any(permitted(role("VerifyVersionFunctionRole"), action, key) for key in (*PUBLISHED, JUDGED))


def test_judged_content_is_written_by_read_verdict_and_by_nobody_else() -> None:
    callers = [*all_roles(), ADMIN]

    assert [caller for caller in callers if permitted(caller, PUT, JUDGED)] == [role("ReadVerdictFunctionRole")]


def test_judged_content_is_deleted_by_no_role_of_the_stack_and_cleared_away_by_people() -> None:
    assert [caller for caller in all_roles() for action in DELETES if permitted(caller, action, JUDGED)] == []
    assert all(permitted(ADMIN, action, JUDGED) for action in DELETES)


@pytest.mark.parametrize("key", PUBLISHED)
def test_whoever_is_no_role_of_the_stack_publishes_where_nobody_is_named(key: str) -> None:
    assert permitted(ADMIN, PUT, key)


@pytest.mark.parametrize("key", PUBLISHED)
def test_where_publishers_are_named_nobody_else_publishes(key: str) -> None:
    assert all(permitted(caller, PUT, key, PUBLISHERS) for caller in NAMED)
    assert [caller for caller in [*all_roles(), ADMIN] if permitted(caller, PUT, key, PUBLISHERS)] == []


def test_named_publishers_leave_verify_version_its_baselines() -> None:
    callers = [*all_roles(), ADMIN]
    writers = [caller for caller in callers if permitted(caller, PUT, BASELINE, PUBLISHERS)]

    assert writers == [role("VerifyVersionFunctionRole")]


def test_what_jobs_and_people_write_is_as_it_was() -> None:
    assert all(permitted(caller, PUT, OUTPUT) for caller in (role("PipelineRole"), ADMIN))


def test_without_any_one_part_of_the_policy_somebody_writes_more_or_less() -> None:
    policies = of_bucket(synthesised(PublisherArns=PUBLISHERS))
    keys = (*PUBLISHED, BASELINE, JUDGED)
    asks = [*all_writes(), *(write(caller, PUT, key) for caller in NAMED for key in keys)]
    publishers = {where: one for where, one in policies.found.items() if one.get("Sid") == "PublishersAlone"}

    assert len(publishers) == 1
    assert survivors(policies, publishers, lambda _: asks) == []
    assert all(where.holder == BUCKET for where in publishers)
