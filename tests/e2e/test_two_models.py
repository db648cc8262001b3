"""Two models of one stack: each one's jobs work under a role of their own, and reach nothing of the other's."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from packing import tar_gz
from waiting import eventually

from cli.demo_data import generate
from cli.stack.publishing import publish, stack_names
from cli.stack.rows.uploading import upload
from tests.contract.compiled_pipelines import IMAGES
from tests.contract.role_policies import REGION

pytestmark = pytest.mark.local  # it plants objects, and runs a job of its own
OTHER = "house-price"
# What a requirement could do that was taken over: with the credentials that every job has.
ATTACK = """
import json, sys
import boto3
from botocore.exceptions import ClientError

bucket, stack = sys.argv[1:3]
s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
put = lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"planted")
get = lambda key: s3.get_object(Bucket=bucket, Key=key)
acts = {
    "write its own": lambda: put("pipelines/churn/attack/a"),
    "read its own": lambda: get("datasets/churn/probe"),
    "write the other's artifact": lambda: put("pipelines/house-price/e/Train/model.tar.gz"),
    "read the other's data": lambda: get("datasets/house-price/probe"),
    "list the other's data": lambda: s3.list_objects_v2(Bucket=bucket, Prefix="datasets/house-price/"),
    "list everything": lambda: s3.list_objects_v2(Bucket=bucket),
    "write judged content": lambda: put("judged/churn/run/artifact-1/model.tar.gz"),
    "write code": lambda: put("code/0/evaluate.py"),
    "upload": lambda: put("incoming/house-price/planted.csv"),
    "register": lambda: sagemaker.create_model_package(
        ModelPackageGroupName=f"{stack}--house-price", ModelApprovalStatus="PendingManualApproval"),
    "start a pipeline": lambda: sagemaker.start_pipeline_execution(PipelineName=f"{stack}--house-price"),
    "shed its boundary": lambda: boto3.client("iam").delete_role_permissions_boundary(
        RoleName=f"{stack}--churn-jobs-us-east-1"),
    "take on the other's role": lambda: boto3.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::123456789012:role/{stack}--house-price-jobs-us-east-1", RoleSessionName="ada"),
}
found = {}
for name, act in acts.items():
    try:
        act()
        found[name] = "done"
    except ClientError as error:
        found[name] = error.response["Error"]["Code"].removesuffix("Exception")
s3.put_object(Bucket=bucket, Key="pipelines/churn/attack/found.json", Body=json.dumps(found).encode())
"""


# The same of a container that serves churn: it answers what came of each.
SERVING = """
import json, os
import boto3
from botocore.exceptions import ClientError

bucket, artifact = os.environ["BUCKET"], os.environ["ARTIFACT"]

def model_fn(folder):
    s3 = boto3.client("s3")
    get = lambda key: s3.get_object(Bucket=bucket, Key=key)
    put = lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"planted")
    acts = {
        "read its own": lambda: get("transforms/churn/attack/in/records.csv"),
        "read the other's artifact": lambda: get(artifact),
        "read the other's scores": lambda: get("transforms/house-price/probe"),
        "read its own data": lambda: get("datasets/churn/probe"),
        "list the other's artifacts": lambda: s3.list_objects_v2(Bucket=bucket, Prefix="judged/house-price/"),
        "list everything": lambda: s3.list_objects_v2(Bucket=bucket),
        "write the other's scores": lambda: put("transforms/house-price/planted"),
        "write its artifact": lambda: put("judged/churn/run/artifact-1/model.tar.gz"),
        "write into the pipelines": lambda: put("pipelines/churn/e/Train/model.tar.gz"),
    }
    found = {}
    for name, act in acts.items():
        try:
            act()
            found[name] = "done"
        except ClientError as error:
            found[name] = error.response["Error"]["Code"].removesuffix("Exception")
    return found

def transform_fn(found, body, content_type, accept):
    return json.dumps(found), accept
"""


@pytest.fixture(scope="module")
def own(new_stack: Callable[[str], Any]) -> Any:
    made = new_stack("walled")
    made.publish({"AccuracyThreshold": "0.5"})
    publish(made.target, OTHER, {"R2Threshold": "-100"})
    return made


def put(stack: Any, key: str, body: bytes) -> None:
    stack.target.client("s3").put_object(Bucket=stack.outputs["DataBucketName"], Key=key, Body=body)


def attack(stack: Any) -> dict[str, str]:
    """What came of a job of churn that turned on everything around it."""
    bucket, sagemaker = stack.outputs["DataBucketName"], stack.target.client("sagemaker")
    put(stack, "datasets/churn/attack/attack.py", ATTACK.encode())
    code = {"S3Uri": f"s3://{bucket}/datasets/churn/attack", "LocalPath": "/opt/ml/processing/input/code"}
    sagemaker.create_processing_job(
        ProcessingJobName="pipelines-attack",
        RoleArn=stack_names(stack.target).jobs_role("churn").arn,
        AppSpecification={
            "ImageUri": IMAGES["xgboost:3.2-0"][REGION],
            "ContainerEntrypoint": ["python3", f"{code['LocalPath']}/attack.py", bucket, stack.name],
        },
        ProcessingInputs=[
            {"InputName": "code", "S3Input": {**code, "S3DataType": "S3Prefix", "S3InputMode": "File"}},
        ],
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 1}
        },
    )

    def ended() -> bool:
        told = sagemaker.describe_processing_job(ProcessingJobName="pipelines-attack")
        assert told["ProcessingJobStatus"] != "Failed", told["FailureReason"]
        return bool(told["ProcessingJobStatus"] == "Completed")

    eventually(ended, 60, "the job ends")
    found = stack.target.client("s3").get_object(Bucket=bucket, Key="pipelines/churn/attack/found.json")
    return dict(json.loads(found["Body"].read()))


def judged_artifact(stack: Any, model: str) -> str:
    """Key of an artifact that was judged of a model."""
    listed = stack.target.client("s3").list_objects_v2(
        Bucket=stack.outputs["DataBucketName"], Prefix=f"judged/{model}/"
    )
    return next(str(one["Key"]) for one in listed["Contents"] if one["Key"].endswith("model.tar.gz"))


def serve_an_attack(stack: Any) -> dict[str, str]:
    """What came of a batch transform of churn whose container turned on everything around it."""
    bucket, sagemaker = stack.outputs["DataBucketName"], stack.target.client("sagemaker")
    name = f"{stack.name}--churn-v0-attack"
    put(stack, "transforms/churn/attack/model.tar.gz", tar_gz({"code/inference.py": SERVING}))
    put(stack, "transforms/churn/attack/in/records.csv", b"1\n")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=stack_names(stack.target).serving_role("churn").arn,
        PrimaryContainer={
            "Image": IMAGES["sklearn:1.9-0"][REGION],
            "ModelDataUrl": f"s3://{bucket}/transforms/churn/attack/model.tar.gz",
            "Environment": {
                "SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                "BUCKET": bucket, "ARTIFACT": judged_artifact(stack, "house-price"),
            },
        },
    )  # fmt: skip
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/transforms/churn/attack/in/"}
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=name,
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{bucket}/transforms/churn/attack/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )

    def ended() -> bool:
        told = sagemaker.describe_transform_job(TransformJobName=name)
        assert told["TransformJobStatus"] != "Failed", told["FailureReason"]
        return bool(told["TransformJobStatus"] == "Completed")

    eventually(ended, 60, "the transform ends")
    key = "transforms/churn/attack/out/records.csv.out"
    return dict(json.loads(stack.target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()))


def test_the_jobs_of_two_models_work_each_under_its_own_role(own: Any) -> None:
    own.send(own.csv("walled.csv", rows=1200))
    path = own.folder / "houses.csv"
    path.write_text(generate(OTHER, 600, 1))
    upload(own.target, OTHER, path)

    def runs() -> list[Any]:
        return [run for model in ("churn", OTHER) for run in own.target.ledger().runs(model)]

    eventually(lambda: len(runs()) == 2, 60, "both models run")
    waiting = [own.awaiting(run.id) for run in runs()]

    jobs = own.target.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    roles = {
        own.target.client("sagemaker").describe_training_job(TrainingJobName=job["TrainingJobName"])["RoleArn"]
        for job in jobs
    }
    assert all(run.verdict for run in waiting)
    assert {f":role/{own.name}--{model}-jobs-{REGION}" for model in ("churn", OTHER)} <= {
        f":{arn.rpartition(':')[2]}" for arn in roles
    }


def test_a_job_that_turns_on_another_model_changes_and_reads_nothing_of_it(own: Any) -> None:
    for model in ("churn", OTHER):
        put(own, f"datasets/{model}/probe", b"rows")
    artifact = f"pipelines/{OTHER}/e/Train/model.tar.gz"
    put(own, artifact, b"as it was")

    found = attack(own)

    done = {name for name, came in found.items() if came == "done"}
    assert done == {"write its own", "read its own"}
    assert {came for name, came in found.items() if name not in done} == {"AccessDenied"}
    there = own.target.client("s3").get_object(Bucket=own.outputs["DataBucketName"], Key=artifact)
    assert there["Body"].read() == b"as it was"


def test_a_container_that_turns_on_another_model_reads_and_changes_nothing_of_it(own: Any) -> None:
    for key in ("transforms/house-price/probe", "datasets/churn/probe"):
        put(own, key, b"rows")

    found = serve_an_attack(own)

    assert {name for name, came in found.items() if came == "done"} == {"read its own"}
    assert {came for name, came in found.items() if name != "read its own"} == {"AccessDenied"}


def test_a_clean_up_takes_the_roles_of_models_away_and_publishing_makes_them_again(own: Any) -> None:
    iam = own.target.client("iam")

    def roles() -> set[str]:
        pages = iam.get_paginator("list_roles").paginate()
        named = (role["RoleName"] for page in pages for role in page["Roles"])
        return {name for name in named if name.startswith(f"{own.name}--")}

    before = roles()
    cleaned = own.retrain("cleanup", "--yes")
    after = roles()
    own.publish({})

    assert cleaned.returncode == 0, cleaned.stderr
    assert (len(before), after) == (4, set())
    assert roles() == {f"{own.name}--churn-{use}-{REGION}" for use in ("jobs", "serving")}
