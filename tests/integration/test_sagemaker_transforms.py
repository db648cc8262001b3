"""Batch transform: real model servers, every object to its .out, and inference pipelines of several containers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from packing import tar_gz
from sagemaker_requests import EXECUTION, ROLE, XGBOOST, bucket, definition, join
from test_sagemaker_pipelines import create, finish, start, step, steps

pytestmark = pytest.mark.timeout(900)
SCIKIT = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0"
ENDED = ("Completed", "Failed", "Stopped")
DOUBLE = """
import json, os

def model_fn(model_dir):
    return int(open(model_dir + "/factor").read())

def transform_fn(model, body, content_type, accept):
    if "bad" in body:
        raise ValueError("the record is bad")
    rows = [float(line) * model for line in body.split()]
    if accept == "text/csv":
        return "\\n".join(f"{row},{os.environ.get('SAGEMAKER_BATCH')}" for row in rows) + "\\n", accept
    return json.dumps({"type": content_type, "accept": accept, "rows": rows}), "application/json"
"""
FROM_JSON = """
import json

def model_fn(model_dir):
    return None

def transform_fn(model, body, content_type, accept):
    before = json.loads(body)
    return f"{content_type}|{before['type']}|{before['accept']}|{before['rows'][0] + 1}\\n", accept
"""


def model_archive(source: str, factor: int = 2) -> bytes:
    return tar_gz({"code/inference.py": source, "factor": str(factor)})


def container(name: str) -> dict[str, Any]:
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    return {"Image": SCIKIT, "ModelDataUrl": f"s3://transforms/{name}.tar.gz", "Environment": environment}


@pytest.fixture(scope="module")
def store(cloud_server: CloudServer) -> str:
    s3 = bucket(cloud_server, "transforms")
    for name, source in (("double", DOUBLE), ("from-json", FROM_JSON)):
        s3.put_object(Bucket="transforms", Key=f"{name}.tar.gz", Body=model_archive(source))
    sagemaker = cloud_server.client("sagemaker")
    sagemaker.create_model(ModelName="double", PrimaryContainer=container("double"), ExecutionRoleArn=ROLE)
    both = [container("double"), container("from-json")]
    sagemaker.create_model(ModelName="two-in-a-row", Containers=both, ExecutionRoleArn=ROLE)
    return "transforms"


def transform(model: Any, source: str, **more: Any) -> dict[str, Any]:
    where = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://transforms/{source}"}}}
    return {
        "ModelName": model,
        "TransformInput": {**where, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {
            "S3OutputPath": f"s3://transforms/out/{source}",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    } | more  # fmt: skip


def score(cloud: CloudServer, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    cloud.client("sagemaker").create_transform_job(TransformJobName=name, **asked)

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud.client("sagemaker").describe_transform_job(TransformJobName=name)
        return found if found["TransformJobStatus"] in ENDED else None

    return eventually(look, 60, f"the end of {name}")


def put(cloud: CloudServer, key: str, text: str) -> None:
    cloud.client("s3").put_object(Bucket="transforms", Key=key, Body=text)


def written(cloud: CloudServer, prefix: str) -> dict[str, str]:
    s3 = cloud.client("s3")
    found = s3.list_objects_v2(Bucket="transforms", Prefix=f"out/{prefix}").get("Contents", [])
    return {
        entry["Key"].removeprefix(f"out/{prefix}/"): s3.get_object(Bucket="transforms", Key=entry["Key"])["Body"]
        .read()
        .decode()
        for entry in found
    }


def test_every_object_is_scored_to_its_own_out(cloud_server: CloudServer, store: str) -> None:
    put(cloud_server, "plain/a.csv", "1\n2\n")
    put(cloud_server, "plain/deep/b.csv", "3\n")

    found = score(cloud_server, "plain", transform("double", "plain", BatchStrategy="MultiRecord"))

    assert (found["TransformJobStatus"], found.get("FailureReason")) == ("Completed", None)
    assert written(cloud_server, "plain") == {"a.csv.out": "2.0,true\n4.0,true\n", "deep/b.csv.out": "6.0,true\n"}


def test_an_id_goes_past_the_model_and_back_to_its_answer(cloud_server: CloudServer, store: str) -> None:
    put(cloud_server, "ids/a.csv", "x7,1\nx8,2\n")
    processing = {"InputFilter": "$[1]", "JoinSource": "Input", "OutputFilter": "$[0,2]"}

    score(cloud_server, "ids", transform("double", "ids", DataProcessing=processing, MaxConcurrentTransforms=4))

    assert written(cloud_server, "ids") == {"a.csv.out": "x7,2.0\nx8,4.0\n"}


def test_a_refused_record_fails_the_job_in_the_containers_words_and_the_others_are_written(
    cloud_server: CloudServer, store: str
) -> None:
    put(cloud_server, "refused/a.csv", "1\nbad\n")
    put(cloud_server, "refused/b.csv", "1\n")

    found = score(cloud_server, "refused", transform("double", "refused"))

    group, logs = "/aws/sagemaker/TransformJobs", cloud_server.client("logs")
    lines = logs.filter_log_events(logGroupName=group, logStreamNamePrefix="refused/")["events"]
    others = logs.filter_log_events(logGroupName=group, logStreamNamePrefix="plain/")["events"]
    assert found["TransformJobStatus"] == "Failed"
    assert "s3://transforms/refused/a.csv: Bad HTTP status received from algorithm: 500" in found["FailureReason"]
    assert any("the record is bad" in line["message"] for line in lines)
    assert not any("the record is bad" in line["message"] for line in others)
    assert list(written(cloud_server, "refused")) == ["b.csv.out"]


def test_containers_in_a_row_hand_on_what_they_answer(cloud_server: CloudServer, store: str) -> None:
    put(cloud_server, "row/a.csv", "3\n")

    score(cloud_server, "row", transform("two-in-a-row", "row"))

    assert written(cloud_server, "row") == {"a.csv.out": "application/json|text/csv|application/json|7.0\n"}


def test_a_pipeline_makes_a_model_and_scores_with_it(cloud_server: CloudServer, store: str) -> None:
    put(cloud_server, "piped/a.csv", "5\n")
    model = {"PrimaryContainer": container("double"), "ExecutionRoleArn": ROLE}
    asked = transform({"Get": "Steps.Make.ModelName"}, "piped")
    asked["TransformOutput"]["S3OutputPath"] = join("s3://transforms/out/piped", EXECUTION)
    create(cloud_server, "scored", definition(step("Make", model, "Model"), step("Score", asked, "Transform")))

    arn = start(cloud_server, "scored")

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded", steps(cloud_server, arn)
    assert written(cloud_server, "piped") == {f"{arn.rpartition('/')[2]}/a.csv.out": "10.0,true\n"}
    assert "transform-job/pipelines-" in steps(cloud_server, arn)["Score"]["Metadata"]["TransformJob"]["Arn"]


def test_an_input_that_is_not_there_fails_the_job_by_name(cloud_server: CloudServer, store: str) -> None:
    found = score(cloud_server, "absent", transform("double", "nowhere"))

    assert found["TransformJobStatus"] == "Failed"
    assert "no S3 objects found under S3 URL s3://transforms/nowhere" in found["FailureReason"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"ModelName": "nobody"}, "Could not find model"),
        ({"DataProcessing": {"InputFilter": "$..x"}}, "batch transform does not take"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
    ],
)
def test_what_cannot_be_transformed_is_refused(
    cloud_server: CloudServer, store: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        cloud_server.client("sagemaker").create_transform_job(
            TransformJobName="no", **transform("double", "plain", **more)
        )


def test_a_transform_is_listed(cloud_server: CloudServer, store: str) -> None:
    put(cloud_server, "listed/a.csv", "1\n")
    score(cloud_server, "listed", transform("double", "listed"))

    found = cloud_server.client("sagemaker").list_transform_jobs(NameContains="listed")["TransformJobSummaries"]

    assert [(each["TransformJobName"], each["TransformJobStatus"]) for each in found] == [("listed", "Completed")]


def test_xgboost_answers_a_line_each(cloud_server: CloudServer, store: str) -> None:
    import numpy as np
    import xgboost as xgb

    booster = xgb.train({"nthread": 1}, xgb.DMatrix(np.eye(4), label=[0, 1, 2, 3]), 2)
    archive = tar_gz({"xgboost-model": bytes(booster.save_raw("ubj"))})
    cloud_server.client("s3").put_object(Bucket="transforms", Key="booster.tar.gz", Body=archive)
    cloud_server.client("sagemaker").create_model(
        ModelName="booster",
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": "s3://transforms/booster.tar.gz"},
        ExecutionRoleArn=ROLE,
    )
    put(cloud_server, "booster/a.csv", "\n".join(["1,0,0,0", "0,0,0,1"] * 50) + "\n")

    score(cloud_server, "booster", transform("booster", "booster"))

    lines = written(cloud_server, "booster")["a.csv.out"].splitlines()
    assert len(lines) == 100
    assert len({json.loads(line) for line in lines}) == 2
