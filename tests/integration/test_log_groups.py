"""What ``retrain doctor`` says of SageMaker's log groups, which all stacks of an account share."""

import pytest
from cloud import CloudServer

from cli.stack.account import log_groups
from cli.stack.account.log_groups import LogGroup
from cli.stack.target import Target

PROCESSING, TRAINING, TRANSFORM = log_groups.SHARED


@pytest.fixture(scope="module")
def key(cloud_server: CloudServer) -> str:
    return str(cloud_server.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def groups(cloud_server: CloudServer, key: str) -> log_groups.LogGroups:
    """One that is bounded, under a key, beside one whose name only begins so; one without an end; one not there."""
    logs = cloud_server.client("logs")
    there = {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
    for name in {*log_groups.SHARED, f"{TRANSFORM}Archive"} & there:
        logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=PROCESSING, kmsKeyId=key)
    logs.put_retention_policy(logGroupName=PROCESSING, retentionInDays=7)
    logs.create_log_group(logGroupName=TRAINING)
    logs.create_log_group(logGroupName=f"{TRANSFORM}Archive")
    return log_groups.check(Target(cloud_server.url))


def test_each_group_is_told_with_what_it_keeps_and_changed_by_nobody(
    groups: log_groups.LogGroups, cloud_server: CloudServer, key: str
) -> None:
    assert groups.found == (
        LogGroup(PROCESSING, True, 7, key), LogGroup(TRAINING, True), LogGroup(TRANSFORM, False),
    )  # fmt: skip
    assert log_groups.check(Target(cloud_server.url)) == groups


def test_what_is_kept_for_ever_comes_with_the_command_that_bounds_it(groups: log_groups.LogGroups, key: str) -> None:
    assert log_groups.render_text(groups).splitlines() == [
        "log groups of jobs, which are the account's and no stack's:",
        f"  {PROCESSING}: kept 7 days, under {key}",
        f"  {TRAINING}: kept for ever, under AWS's own key",
        f"    aws logs put-retention-policy --log-group-name {TRAINING} --retention-in-days 30",
        f"  {TRANSFORM}: not there yet",
        f"    aws logs create-log-group --log-group-name {TRANSFORM}",
        f"    aws logs put-retention-policy --log-group-name {TRANSFORM} --retention-in-days 30",
        "  or all of them, with the stack's retention: retrain doctor --bound-job-logs",
    ]


def test_who_may_not_ask_is_told_why() -> None:
    told = log_groups.render_text(log_groups.LogGroups(unknown="you may not"))

    assert told == "log groups of jobs could not be read: you may not"
