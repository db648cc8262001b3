"""``retrain doctor --bound-job-logs``: the log groups of jobs get the stack's retention and key, by a person's act."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from cloud import CloudServer
from json_documents import wrong
from stacks import Stacks

from cli.commands.models.doctor import doctor
from cli.errors import UserError
from cli.plans import job_logs
from cli.stack.account import log_groups
from cli.stack.account.log_groups import LogGroup

PROCESSING, TRAINING, TRANSFORM = log_groups.SHARED
ACCOUNT, REGION = "123456789012", "us-east-1"
POLICY = Path(__file__).parents[2] / "docs" / "job-logs-policy.json"
MISSING = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"
TEMPLATE = {
    "Parameters": {
        "LogRetentionDays": {"Type": "Number", "Default": 30}, "EncryptionKey": {"Type": "String", "Default": "aws"},
    },
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
}  # fmt: skip


@pytest.fixture
def key(cloud_server: CloudServer) -> str:
    return str(cloud_server.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def logs(cloud_server: CloudServer, monkeypatch: pytest.MonkeyPatch) -> Any:
    """CloudWatch Logs without any of the groups; commands talk to this cloud, and nobody sits at a terminal."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud_server.url)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    client = cloud_server.client("logs")
    there = {group["logGroupName"] for group in client.describe_log_groups()["logGroups"]}
    for name in {*log_groups.SHARED} & there:
        client.delete_log_group(logGroupName=name)
    return client


def stack(cloud: CloudServer, encryption_key: str = "aws", template: Any = TEMPLATE) -> str:
    given = {"LogRetentionDays": "30", "EncryptionKey": encryption_key} if template is TEMPLATE else {}
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()]
    return Stacks(cloud).deploy(template, Parameters=parameters).split("/")[1]


def make(logs: Any, name: str, days: int | None = None, key: str = "") -> None:
    logs.create_log_group(logGroupName=name, **({"kmsKeyId": key} if key else {}))
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def kept(logs: Any) -> dict[str, tuple[int | None, str]]:
    return {group.name: (group.retention_days, group.key_arn) for group in log_groups.found(logs) if group.there}


def bounded(name: str, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    """What the command printed as JSON, and what it said beside."""
    capsys.readouterr()
    doctor(bound_job_logs=True, yes=True, stack=name, as_json=True)
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_groups_get_the_stacks_retention_and_one_that_keeps_lines_for_less_stays(
    cloud_server: CloudServer, logs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    make(logs, PROCESSING, 7)
    make(logs, TRAINING)

    report, said = bounded(stack(cloud_server), capsys)

    assert kept(logs) == {PROCESSING: (7, ""), TRAINING: (30, ""), TRANSFORM: (30, "")}
    assert (report["left"], wrong("doctor", report)) == ([], [])
    assert [(one["change"], one["name"]) for one in report["changes"]] == [
        ("BoundJobLogs", TRAINING), ("CreateJobLogs", TRANSFORM),
    ]  # fmt: skip
    assert said.splitlines()[1:] == [
        f"  {PROCESSING}: kept 7 days, under AWS's own key",
        "    stays as it is",
        f"  {TRAINING}: kept for ever, under AWS's own key",
        "    lines older than 30 days are deleted for good, whosever they are, from now on",
        f"  {TRANSFORM}: not there yet",
        "    is made, kept 30 days",
    ]


def test_a_key_of_ones_own_is_set_where_none_is_and_another_stays(
    cloud_server: CloudServer, logs: Any, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    another = str(cloud_server.client("kms").create_key()["KeyMetadata"]["Arn"])
    make(logs, PROCESSING, 7)
    make(logs, TRAINING, 365, another)

    _, said = bounded(stack(cloud_server, key), capsys)

    assert kept(logs) == {PROCESSING: (7, key), TRAINING: (30, another), TRANSFORM: (30, key)}
    assert f"    new lines are encrypted, under {key}: who reads them needs that key" in said.splitlines()


def test_the_key_that_a_stack_made_is_set_nowhere_and_why_is_said(
    cloud_server: CloudServer, logs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = stack(cloud_server, "create")
    _, said = bounded(name, capsys)

    assert set(kept(logs).values()) == {(30, "")}
    assert said.splitlines()[-1] == (
        f"  keys stay as they are: the key that stack '{name}' made goes with it, and lines under it, too"
    )


def test_what_is_done_is_not_done_again_and_is_not_asked_about(
    cloud_server: CloudServer, logs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    name = stack(cloud_server)
    bounded(name, capsys)

    doctor(bound_job_logs=True, stack=name)

    assert capsys.readouterr().out == "logs of jobs are kept no longer than 30 days: nothing was to do\n"


def test_without_a_yes_nothing_is_changed(cloud_server: CloudServer, logs: Any) -> None:
    make(logs, TRAINING)
    with pytest.raises(UserError, match="nothing was changed: input is not a terminal, so confirm with --yes"):
        doctor(bound_job_logs=True, stack=stack(cloud_server))

    assert kept(logs) == {TRAINING: (None, "")}


def test_where_the_key_is_refused_nothing_is_deleted_and_the_exit_code_says_no(
    cloud_server: CloudServer, logs: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    make(logs, PROCESSING)
    make(logs, TRAINING, 7, str(cloud_server.client("kms").create_key()["KeyMetadata"]["Arn"]))

    with pytest.raises(typer.Exit) as ended:
        doctor(bound_job_logs=True, yes=True, stack=stack(cloud_server, MISSING), as_json=True)

    report = json.loads(capsys.readouterr().out)
    assert ended.value.exit_code == 1
    assert kept(logs)[PROCESSING] == (None, "")
    assert TRANSFORM not in kept(logs)
    assert [(one["name"], one["problem"].partition(" was refused")[0]) for one in report["left"]] == [
        (PROCESSING, "AssociateKmsKey"), (TRANSFORM, "CreateLogGroup"),
    ]  # fmt: skip
    assert wrong("doctor", report) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"models": ["churn"], "bound_job_logs": True}, "--bound-job-logs takes no models"),
        ({"yes": True}, "--yes goes with --bound-job-logs"),
    ],
)
def test_what_does_not_go_together_is_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        doctor(**asked)


def test_a_stack_that_says_no_retention_is_refused(cloud_server: CloudServer, logs: Any) -> None:
    name = stack(cloud_server, template={"Resources": TEMPLATE["Resources"]})

    with pytest.raises(UserError, match=f"stack '{name}' has no parameter LogRetentionDays"):
        doctor(bound_job_logs=True, yes=True, stack=name)
    assert kept(logs) == {}


def test_the_size_of_a_group_is_told_before_its_lines_are_deleted() -> None:
    group = LogGroup(TRAINING, True, None, "", 1_234_567)
    bound = job_logs.Bound("retrain", 30, "", False)

    told = job_logs.question([group], bound, job_logs.plan([group], bound), "AWS")

    assert f"  {TRAINING}: kept for ever, under AWS's own key, 1,234,567 bytes" in told.splitlines()


def somebody(cloud: CloudServer, name: str, statements: list[Any]) -> str:
    """The access key of a user who may do what the statements say."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps({"Statement": statements}))
    return str(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])


def test_who_has_the_written_policy_may_bound_the_groups_and_who_only_looks_may_not(enforcing: CloudServer) -> None:
    text = POLICY.read_text().replace("<stack>", "retrain").replace("<account>", ACCOUNT).replace("<region>", REGION)
    statements = json.loads(text)["Statement"]
    key = str(enforcing.client("kms").create_key()["KeyMetadata"]["Arn"])
    administers = enforcing.client("logs", somebody(enforcing, "administers", statements))
    looks = enforcing.client("logs", somebody(enforcing, "looks", statements[1:]))
    root = enforcing.client("logs")
    make(root, TRAINING)
    plan = job_logs.plan(log_groups.found(looks), job_logs.Bound("retrain", 30, key, False))

    refused = [problem for _, problem in job_logs.execute(looks, plan, "the cloud")]
    assert all("was refused" in problem for problem in refused)
    assert kept(root) == {TRAINING: (None, "")}
    assert [problem for _, problem in job_logs.execute(administers, plan, "the cloud")] == ["", "", ""]
    assert kept(root) == dict.fromkeys(log_groups.SHARED, (30, key))
