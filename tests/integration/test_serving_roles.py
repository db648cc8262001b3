"""What serves a model has the role that was announced for it; one that was published without says what to do."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from app.decide.deployment_plans import Deployment
from app.decide.messages import RunTask
from app.decide.names.statuses import RunStatus
from app.decide.run_plans import Outputs
from app.errors import ResourceMissing
from app.flow import judged_content
from app.flow.deployment import deployments
from app.ledger.table import Write
from app.settings import settings
from cloud import CloudServer
from moto_world import BUCKET, World
from published_churn import PUBLISHED

from cli.stack.account import serving_roles
from cli.stack.target import Target

RUN = "churn-20260314t101500-abcdef"
CONFIG, FOLDER = "config/models/churn.json", "pipelines/churn/execution"
ROLE = "retrain--churn-serving-us-east-1"
EARLIER = {name: value for name, value in PUBLISHED.items() if name != "serving_role_arn"}
TRUST = {"Version": "2012-10-17", "Statement": []}


def planned(world: World, published: dict[str, Any]) -> Deployment:
    """How version 1 of churn, which a run has judged, is deployed where ``published`` stands."""
    world.s3.put_object(Bucket=BUCKET, Key=CONFIG, Body=json.dumps(published).encode())
    written = {
        "package/model.tar.gz": b"artifact",
        "evaluation/evaluation.json": b"{}",
        "evaluation/profile.json": b"{}",
    }
    for name, body in {**written, "verification/verification.json": b"{}"}.items():
        world.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{name}", Body=body)
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="retrain--churn")
    package = sagemaker.create_model_package(
        ModelPackageGroupName="retrain--churn",
        ModelApprovalStatus="Approved",
        InferenceSpecification={
            "Containers": [{"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{FOLDER}/package/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )["ModelPackageArn"]
    outputs = Outputs(f"s3://{BUCKET}/{FOLDER}/evaluation", f"s3://{BUCKET}/{FOLDER}/verification", package)
    begun = {
        "id": RUN, "model": "churn", "status": str(RunStatus.DEPLOYING), "execution_arn": "arn", "timeline": [],
        "plan": {"deployment": {}}, "judged": judged_content.keep("churn", RUN, outputs).document,
    }  # fmt: skip
    world.ledger.write(Write("MODEL#churn", f"RUN#{RUN}", set=begun))
    return deployments.deployment_plan(RunTask("churn", RUN, version=1), package, settings("stack", "data_bucket"))


def test_a_version_is_deployed_under_the_role_that_is_announced_now(world: World) -> None:
    arn = f"arn:aws:iam::123456789012:role/{ROLE}"

    assert planned(world, PUBLISHED | {"serving_role_arn": arn}).role_arn == arn


def test_a_model_that_an_earlier_release_published_is_to_be_published_again(world: World) -> None:
    with pytest.raises(ResourceMissing, match="`retrain publish churn`, then `retrain approve churn 1`"):
        planned(world, EARLIER)


@dataclass(frozen=True)
class Deployed(Target):
    """A stack whose bucket is known."""

    bucket: str = ""

    def outputs(self) -> dict[str, str]:
        return {"DataBucketName": self.bucket}


@pytest.fixture
def target(cloud_server: CloudServer) -> Deployed:
    s3, iam = cloud_server.client("s3"), cloud_server.client("iam")
    bucket = f"serving-roles-{len(s3.list_buckets()['Buckets'])}"
    s3.create_bucket(Bucket=bucket)
    if ROLE in {role["RoleName"] for role in iam.list_roles()["Roles"]}:
        iam.delete_role(RoleName=ROLE)
    return Deployed(cloud_server.url, "retrain", bucket)


def announce(target: Deployed, published: dict[str, Any]) -> None:
    target.client("s3").put_object(Bucket=target.bucket, Key=CONFIG, Body=json.dumps(published).encode())


def test_a_doctor_tells_of_a_model_that_is_to_be_published_again(target: Deployed) -> None:
    announce(target, EARLIER)

    found = serving_roles.check(target, ["churn", "house-price"])

    assert serving_roles.render_text(found) == (
        "churn: an earlier release published it, without a role for what serves it: `retrain publish churn`"
    )
    assert found.data()["without_serving_role"].keys() == {"churn"}


def test_a_doctor_tells_of_a_role_that_is_gone_and_not_of_one_that_is_there(target: Deployed) -> None:
    announce(target, PUBLISHED | {"serving_role_arn": f"arn:aws:iam::123456789012:role/{ROLE}"})

    gone = serving_roles.check(target, ["churn"])
    target.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    there = serving_roles.check(target, ["churn"])

    assert gone.lacking == {"churn": f"role {ROLE} is gone, which what serves it has"}
    assert (there.lacking, serving_roles.render_text(there)) == ({}, "")


def test_a_doctor_says_nothing_where_no_stack_stands(cloud_server: CloudServer) -> None:
    assert serving_roles.check(Target(cloud_server.url, "no-such-stack"), ["churn"]) == serving_roles.ServingRoles({})
