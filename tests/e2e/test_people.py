"""What people do under the policies that the stack makes for them: each does its work, and is refused the others'."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from app.decide.costs.prices import listed
from botocore.exceptions import ClientError
from waiting import eventually

from cli import model_files
from cli.plans import redrive, removal, retry, rollback, withdrawal
from cli.show import cost_report, why_report
from cli.stack import registry, run_requests
from cli.stack.account import quotas
from cli.stack.publishing import publish, stack_names
from cli.stack.rows.uploading import upload
from cli.stack.serving import serving_version
from cli.stack.stack_resources import resources_of, scope_of
from cli.stack.target import LOCAL_REGION, Target

EVENTS = Path(__file__).parents[2] / "events"
pytestmark = pytest.mark.local  # it makes roles
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


@dataclass(frozen=True)
class Signed(Target):
    """The stack as somebody sees it who is signed in under a role."""

    key: str = ""
    token: str = ""

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(
            service, endpoint_url=self.url, region_name=LOCAL_REGION, aws_access_key_id=self.key,
            aws_secret_access_key="local", aws_session_token=self.token,
        )  # fmt: skip


@pytest.fixture(scope="module")
def own(new_stack: Callable[[str], Any]) -> Any:
    """A stack of its own: in the end it is cleaned up."""
    made = new_stack("people")
    made.publish({"AccuracyThreshold": "0.5"})
    return made


@pytest.fixture(scope="module")
def signed_in(own: Any) -> Callable[[str], Signed]:
    """Signs in under a role that has one of the stack's policies and nothing else."""

    @cache
    def sign_in(policy: str) -> Signed:
        iam, name = own.target.client("iam"), f"a-{policy.lower()}"
        made = iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Tags=[{"Key": "retrain-model", "Value": "churn"}, {"Key": "retrain-model-2", "Value": "employee-bonus"}],
        )["Role"]
        iam.attach_role_policy(RoleName=name, PolicyArn=own.outputs[f"{policy}PolicyArn"])
        session = own.target.client("sts").assume_role(RoleArn=made["Arn"], RoleSessionName="ada")["Credentials"]
        return Signed(own.target.url, own.name, session["AccessKeyId"], session["SessionToken"])

    return sign_in


def refused(act: Callable[[], Any]) -> bool:
    with pytest.raises(ClientError) as error:
        act()
    return error.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")


def put(person: Signed, key: str) -> Any:
    return person.client("s3").put_object(Bucket=person.outputs()["DataBucketName"], Key=key, Body=b"x")


def decided(person: Signed, arn: str, status: str) -> Any:
    return person.client("sagemaker").update_model_package(ModelPackageArn=arn, ModelApprovalStatus=status)


def rewritten(person: Signed, run: str, change: str) -> Any:
    """Have a run's record say that its version needs nobody's yes."""
    names = {"#a": "plan", "#b": "automatic"} if "#b" in change else {"#a": "plan"}
    return person.client("dynamodb").update_item(
        TableName=person.outputs()["LedgerTableName"],
        Key={"pk": {"S": "MODEL#churn"}, "sk": {"S": f"RUN#{run}"}},
        UpdateExpression=change,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={":c": {"BOOL": True}},
    )


def redriven(own: Any, operator: Signed) -> None:
    """Redrive letters as the operator: events go back to who reacts to them, and a decision stays."""
    queue, sqs = own.outputs["LostEventsQueueUrl"], own.target.client("sqs")
    samples = (
        "react_to_endpoint",
        "react_to_pipeline",
        "react_to_approval",
        "react_to_transform",
    )  # of no run of this stack
    events = [json.loads((EVENTS / f"{name}.json").read_text()) for name in samples]
    decision = {"Records": [{"Sns": {"MessageId": "m", "Message": "approve"}}]}
    for letter in (*events, decision):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(letter))

    redrive.put_back(operator, redrive.read(operator, ["events"]))
    outcomes = list(redrive.execute(operator, redrive.plan(redrive.read(operator, ["events"]))))

    (kept,) = (one for one in outcomes if isinstance(one, redrive.Kept))
    assert kept.change.to == ("ReceiveDecisionFunction",)
    assert len(outcomes) == len(events) + 1
    sqs.purge_queue(QueueUrl=queue)


def test_files_are_uploaded_versions_reviewed_and_nobody_does_the_others_work(
    own: Any, signed_in: Callable[[str], Signed]
) -> None:
    uploader, reviewer = signed_in("Uploader"), signed_in("Reviewer")
    sent = upload(uploader, "churn", own.csv("people.csv", rows=1500, seed=71))
    run = own.awaiting(own.found(sent.key).run)

    put(uploader, "scoring/employee-bonus/may.txt")
    assert refused(lambda: put(uploader, "incoming/house-price/may.csv"))
    assert refused(lambda: put(uploader, "config/models/churn.json"))
    assert refused(lambda: decided(uploader, run.package_arn, "Approved"))
    assert refused(lambda: put(reviewer, "incoming/churn/may.csv"))
    assert refused(lambda: decided(reviewer, run.package_arn, "PendingManualApproval"))

    registry.decide(reviewer, "churn", None, "Approved", "better recall")

    ended = own.run(run.id)
    spent = cost_report.of_stack(reviewer, "churn", 2, listed())
    assert str(ended.status) == "Deployed"
    assert sum(month.endpoint_usd for month in spent.months) > 0
    assert {job.step for one in spent.runs for job in one.jobs} >= {"Preprocess", "Train", "Evaluate"}
    assert [one.unpriced for one in spent.months if one.unpriced] == []
    assert any("a-reviewer" in entry["what"] or "ada" in entry["what"] for entry in ended.timeline)


def test_a_publisher_publishes_and_decides_nothing(own: Any, signed_in: Callable[[str], Signed]) -> None:
    publisher = signed_in("Publisher")
    newest = registry.versions(own.target, "churn")[0]["ModelPackageArn"]

    publish(publisher, "churn", {"AccuracyThreshold": "0.4"})
    assert quotas.read_account(publisher, [model_files.load("churn")]).unknown == ""

    assert refused(lambda: decided(publisher, newest, "Approved"))
    assert refused(lambda: put(publisher, "config/baselines/churn.json"))
    assert refused(lambda: put(publisher, "judged/churn/run/artifact-1/model.tar.gz"))
    found = own.target.client("s3").get_object(Bucket=own.outputs["DataBucketName"], Key="config/models/churn.json")
    assert json.loads(found["Body"].read())["parameters"] == {"AccuracyThreshold": "0.4"}


def test_a_publisher_makes_roles_of_jobs_and_no_others(own: Any, signed_in: Callable[[str], Signed]) -> None:
    publisher = signed_in("Publisher")
    jobs = stack_names(own.target).jobs_role("house-price")
    publish(publisher, "house-price", {})

    made = own.target.client("iam").get_role(RoleName=jobs.name)["Role"]
    iam, wide = publisher.client("iam"), "arn:aws:iam::aws:policy/AdministratorAccess"
    another = jobs.name.replace("house-price", "another")
    trusts = {"AssumeRolePolicyDocument": json.dumps(TRUST)}
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == own.outputs["JobsPolicyArn"]
    assert refused(lambda: iam.create_role(RoleName=another, **trusts))
    assert refused(lambda: iam.create_role(RoleName=another, PermissionsBoundary=wide, **trusts))
    assert refused(lambda: iam.create_role(RoleName="mine", PermissionsBoundary=jobs.policy_arn, **trusts))
    assert refused(lambda: iam.attach_role_policy(RoleName=jobs.name, PolicyArn=wide))
    assert refused(lambda: iam.put_role_policy(RoleName=jobs.name, PolicyName="a", PolicyDocument=json.dumps(TRUST)))
    assert refused(lambda: iam.put_role_permissions_boundary(RoleName=jobs.name, PermissionsBoundary=wide))
    assert refused(lambda: iam.update_assume_role_policy(RoleName=jobs.name, PolicyDocument=json.dumps(TRUST)))


def withdrawn(own: Any, operator: Signed, reviewer: Signed, version: int) -> None:
    """Withdraw what a version learnt from, as the operator, who erases nothing."""
    names = [file["key"] for file in own.target.ledger().accepted("churn", batch=99_999_999)]
    learnt = withdrawal.learnt_from(operator, "churn", names)
    told = withdrawal.versions_of(operator, "churn", learnt)

    done = list(withdrawal.execute(operator, withdrawal.withdrawals(operator, "churn", names, "wrong month")))

    assert version in {one["version"] for one in told}
    assert [change.heading for change in done] == ["withdraw"] * len(names)
    assert [one["key"] for one in why_report.of_version(reviewer, "churn", version).files] == names
    assert refused(lambda: withdrawal.erasures(operator, "churn", names, learnt))


def test_an_operator_has_a_version_deployed_again(own: Any, signed_in: Callable[[str], Signed]) -> None:
    operator = signed_in("Operator")
    served = serving_version(operator, "churn") or 0
    own.target.ledger().record_failure("churn", served, "no instances")
    versions, endpoint = rollback.versions_of(operator, "churn"), operator.resource("churn")

    tried = list(retry.execute(operator, retry.plan("churn", versions, served, served, endpoint)))

    assert [change.heading for change in tried] == ["clear the failure of", "compare what serves with what should"]
    assert own.target.ledger().failed_versions("churn") == set()


def test_an_operator_starts_runs_rolls_back_redrives_and_cleans_up_and_approves_nothing(
    own: Any, signed_in: Callable[[str], Signed]
) -> None:
    operator = signed_in("Operator")
    begun = run_requests.start(operator, "churn", {}, None, tune=False)
    run = own.run(begun.run, lambda run: run.status.final or str(run.status) == "Awaiting approval")
    assert refused(lambda: rewritten(operator, begun.run, "SET #a.#b = :c"))
    assert refused(lambda: rewritten(operator, begun.run, "SET #a = :c"))
    if run.package_arn:
        assert refused(lambda: decided(operator, run.package_arn, "Approved"))
    versions = rollback.versions_of(operator, "churn")
    served = max(version.number for version in versions if version.status == "Approved")

    sqs, queue = operator.client("sqs"), own.outputs["ArrivalsDeadLetterQueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert refused(lambda: sqs.purge_queue(QueueUrl=queue))
    assert refused(lambda: put(operator, "incoming/churn/may.csv"))
    redriven(own, operator)
    withdrawn(own, operator, signed_in("Reviewer"), served)

    list(rollback.execute(operator, rollback.plan("churn", versions, served - 1, "too slow")))
    eventually(lambda: registry.versions(own.target, "churn"), 10, "the registry is read")

    scope = scope_of(operator)
    plan = removal.plan(
        resources_of(scope, everything=False), removal.rules_of(scope), removal.reconcilers_of(scope), everything=False
    )
    outcomes = list(removal.execute(scope, plan))
    assert [outcome.kept for outcome in outcomes if outcome.kept] == []
    assert refused(lambda: operator.client("s3").delete_bucket(Bucket=own.outputs["DataBucketName"]))
