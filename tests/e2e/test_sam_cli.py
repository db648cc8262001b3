"""The SAM CLI, as it is, validates, builds, deploys, changes, takes back and deletes the stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from inventory import inventory, of_stack
from sam import RUNTIME, Sam, events_since, fresh_clone, physical_ids
from samtranslator.yaml_helper import yaml_parse

from cli.stack.local import server
from cli.stack.publishing import publish
from cli.stack.target import LOCAL_REGION, Target

pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(900)]
BROKEN = """
  BrokenPolicy:
    Type: AWS::SQS::QueuePolicy
    DependsOn: NotificationTopic
    Properties:
      Queues: [https://sqs.us-east-1.amazonaws.com/123456789012/nobody]
      PolicyDocument: {Version: "2012-10-17", Statement: []}

Outputs:
"""


@pytest.fixture(scope="module")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sam]:
    """A fresh clone, built, and a local cloud with nothing else in it."""
    state = tmp_path_factory.mktemp("sam") / "state"
    process, url = server.start(0, state, enforce_iam=True)
    try:
        made = Sam(fresh_clone(tmp_path_factory.mktemp("clone")), Target(url, "sam"))
        made.must("build", "--parameter-overrides", RUNTIME)
        yield made
    finally:
        server.stop(state)
        process.wait(timeout=120)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture(scope="module")
def first(sam: Sam) -> set[str]:
    """The ids of the events of a first deployment."""
    done = sam.deploy("sam", "QuietSeconds=1")
    assert done.returncode == 0, done.stdout[-4000:]
    return {one["EventId"] for one in events_since(sam.target, "sam", set())}


def template(sam: Sam) -> dict[str, Any]:
    return yaml_parse((sam.folder / "template.yaml").read_text())


def of_type(sam: Sam, kind: str) -> set[str]:
    return {name for name, one in template(sam)["Resources"].items() if one["Type"] == kind}


def deploy(sam: Sam, *parameters: str) -> list[dict[str, Any]]:
    """Deploy once more; what happened to the stack."""
    known = {one["EventId"] for one in events_since(sam.target, "sam", set())}
    done = sam.deploy("sam", *parameters)
    assert done.returncode == 0, done.stdout[-4000:]
    return events_since(sam.target, "sam", known)


def changed(events: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Logical id and what was done, of every resource that was touched."""
    ended = [one for one in events if one["ResourceStatus"].endswith(("_COMPLETE", "_FAILED"))]
    return {
        (one["LogicalResourceId"], one["ResourceStatus"])
        for one in ended
        if one["ResourceType"] != "AWS::CloudFormation::Stack"
    }


def reasons(events: list[dict[str, Any]]) -> str:
    return " ".join(one.get("ResourceStatusReason", "") for one in events if "FAILED" in one["ResourceStatus"])


def test_validate_finds_nothing(sam: Sam) -> None:
    said = sam.must("validate", "--lint")

    assert "is a valid SAM Template" in said


def test_a_first_deployment_makes_every_resource(sam: Sam, first: set[str]) -> None:
    pages = sam.target.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName="sam")
    there = {
        one["LogicalResourceId"]: one["ResourceStatus"] for page in pages for one in page["StackResourceSummaries"]
    }

    wanted = {name for name, one in template(sam)["Resources"].items() if "Condition" not in one}
    assert wanted - there.keys() == set()
    assert set(there.values()) == {"CREATE_COMPLETE"}
    names = inventory(sam.target)
    functions = [one for one in names if one.startswith("lambda ") and ":function:sam-" in one]
    assert len(functions) >= len(of_type(sam, "AWS::Serverless::Function"))
    unconditional = {name for name, one in template(sam)["Outputs"].items() if "Condition" not in one}
    assert sam.target.outputs().keys() == unconditional


def test_nothing_changed_is_nothing_done(sam: Sam, first: set[str]) -> None:
    assert deploy(sam, "QuietSeconds=1") == []


def test_a_changed_parameter_changes_just_what_depends_on_it(sam: Sam, first: set[str]) -> None:
    events = deploy(sam, "QuietSeconds=1", "LogRetentionDays=7")

    users = {
        name
        for name, one in template(sam)["Resources"].items()
        if '{"Ref": "LogRetentionDays"}' in json.dumps(one.get("Properties", {}))
    }
    assert len(users) > 10
    assert changed(events) == {(name, "UPDATE_COMPLETE") for name in users}


def test_a_changed_handler_changes_just_the_functions_code(sam: Sam, first: set[str]) -> None:
    deploy(sam, "QuietSeconds=1", "LogRetentionDays=7")
    handler = sam.folder / "functions" / "check_quiet.py"
    handler.write_text(handler.read_text() + "\n# another line\n")
    sam.must("build", "--parameter-overrides", RUNTIME)
    functions = of_type(sam, "AWS::Serverless::Function")
    before = {name: code(sam, name) for name in functions}

    events = deploy(sam, "QuietSeconds=1", "LogRetentionDays=7")

    assert changed(events) == {(name, "UPDATE_COMPLETE") for name in functions}
    after = {name: code(sam, name) for name in functions}
    assert {name for name in functions if before[name]["CodeSha256"] == after[name]["CodeSha256"]} == set()
    for one in (before, after):
        for configuration in one.values():
            for varying in ("CodeSha256", "CodeSize", "LastModified", "RevisionId", "ResponseMetadata"):
                configuration.pop(varying, None)
    assert before == after


def code(sam: Sam, logical_id: str) -> dict[str, Any]:
    described = sam.target.client("cloudformation").describe_stack_resource(
        StackName="sam", LogicalResourceId=logical_id
    )
    name = described["StackResourceDetail"]["PhysicalResourceId"]
    found: dict[str, Any] = sam.target.client("lambda").get_function_configuration(FunctionName=name)
    return found


def test_a_broken_update_goes_back_and_the_stacks_events_say_why(sam: Sam, first: set[str]) -> None:
    built = sam.folder / ".aws-sam" / "build" / "template.yaml"
    good, known = built.read_text(), {one["EventId"] for one in events_since(sam.target, "sam", set())}
    names = inventory(sam.target)
    built.write_text(good.replace("\nOutputs:\n", BROKEN))
    try:
        done = sam.deploy("sam", "QuietSeconds=2")
    finally:
        built.write_text(good)

    stack = sam.target.client("cloudformation").describe_stacks(StackName="sam")["Stacks"][0]
    assert done.returncode == 1
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "The specified queue does not exist" in reasons(events_since(sam.target, "sam", known))
    assert "The specified queue does not exist" in " ".join(done.stdout.split())
    assert inventory(sam.target) == names
    assert code(sam, "CheckQuietFunction")["Environment"]["Variables"]["QUIET_SECONDS"] == "1"


def test_a_broken_first_deployment_leaves_nothing_but_its_reason(sam: Sam) -> None:
    built = sam.folder / ".aws-sam" / "build" / "template.yaml"
    good, names = built.read_text(), inventory(sam.target)
    built.write_text(good.replace("\nOutputs:\n", BROKEN))
    try:
        done = sam.deploy("broken")
    finally:
        built.write_text(good)

    assert done.returncode == 1
    assert "The specified queue does not exist" in reasons(events_since(sam.target, "broken", set()))
    assert inventory(sam.target) - names == {"stack broken"}
    sam.delete("broken")


def test_cleanup_and_delete_leave_nothing_of_a_stack_that_has_worked(sam: Sam, first: set[str], stack_at: Any) -> None:
    before = inventory(sam.target)
    done = sam.deploy("gone", "QuietSeconds=1")
    assert done.returncode == 0, reasons(events_since(sam.target, "gone", set())) or done.stdout[-4000:]
    used = stack_at(sam.target.url, "gone")
    publish(used.target, "churn", {})
    run = used.awaiting(used.send(used.csv("gone.csv", rows=1500)).run)
    used.approve(run)
    assert str(used.run(run.id).status) == "Deployed"
    used.send(used.csv("behind.csv", rows=600, seed=9))  # and a run that still goes on
    made = inventory(sam.target) - before
    known = physical_ids(sam.target, "gone")
    assert len(of_stack(made, "gone", known)) > 30

    asked = used.retrain("cleanup", "--all")
    cleaned = used.retrain("cleanup", "--all", "--yes")
    sam.delete("gone")

    assert asked.returncode == 2
    assert "gone--churn" in asked.stderr
    assert "input is not a terminal" in asked.stderr
    assert cleaned.returncode == 0, cleaned.stderr
    assert inventory(sam.target) == before


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_each_environment_of_samconfig_deploys(sam: Sam, environment: str) -> None:
    before = inventory(sam.target)
    sam.must("deploy", "--config-env", environment, "--no-confirm-changeset", "--no-progressbar")

    made = {one for one in inventory(sam.target) - before if one.startswith("stack ")}

    assert len(made) == 1
    name = made.pop().removeprefix("stack ")
    assert environment in ("dev", name.rpartition("-")[2])
    sam.delete(name)


def signed_in(sam: Sam, stack: str) -> Sam:
    """Whoever is signed in under the role that deploys, made as docs/deploying-role.json says for that stack."""
    account = sam.target.client("sts").get_caller_identity()["Account"]
    text = (sam.folder / "docs" / "deploying-role.json").read_text()
    for mark, value in (("<stack>", stack), ("<account>", account), ("<region>", LOCAL_REGION)):
        text = text.replace(mark, value)
    iam, trust = sam.target.client("iam"), {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    iam.put_role_policy(RoleName="ci", PolicyName="deploys", PolicyDocument=json.dumps(json.loads(text)))
    found = sam.target.client("sts").assume_role(RoleArn=made["Arn"], RoleSessionName="deploys")["Credentials"]
    names = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
             "SessionToken": "AWS_SESSION_TOKEN"}  # fmt: skip
    return replace(sam, session={variable: found[name] for name, variable in names.items()})


def test_the_role_that_deploys_makes_changes_and_takes_away_its_own_stack_and_no_other(sam: Sam) -> None:
    before, role = inventory(sam.target), signed_in(sam, "made")
    whole = ("DecisionPage=link", "EncryptionKey=create", "MonthlyBudget=5", "AlarmEmail=ops@example.com")

    made = role.deploy("made", *whole)
    changed_ = role.deploy("made", "EncryptionKey=create", "LogRetentionDays=7", "QuietSeconds=2")
    other = role.deploy("another")
    role.delete("made")

    assert made.returncode == 0, reasons(events_since(sam.target, "made", set())) or made.stdout[-4000:]
    assert changed_.returncode == 0, changed_.stdout[-4000:]
    assert other.returncode != 0
    assert "is not authorized to perform: cloudformation:" in " ".join(other.stdout.split())
    left = {
        one.partition("made-")[0] + one.partition("made-")[2].partition("-")[0]
        for one in inventory(sam.target) - before
    }
    assert left == {
        "dynamodb LedgerTable",
        "s3 bucket databucket",
        "iam arn:aws:iam::123456789012:role/ci",
    }  # the data stays
