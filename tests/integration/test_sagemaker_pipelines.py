"""Pipelines through the API: versions, order, branches, caching, retries, stops and the registry at the end."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_requests import (
    EXECUTION,
    ROLE,
    XGBOOST,
    bucket,
    channel,
    definition,
    join,
    processing,
    python,
    rows,
    s3_input,
    s3_output,
    training,
)  # fmt: skip

pytestmark = pytest.mark.timeout(900)
CACHE = {"Enabled": True, "ExpireAfter": "PT1H"}
PARAMETERS = [
    {"Name": "Word", "Type": "String", "DefaultValue": "Passed"},
    {"Name": "num_round", "Type": "Integer", "DefaultValue": 4},
]


def create(cloud: CloudServer, name: str, document: str) -> None:
    token = name.ljust(32, "0")
    cloud.client("sagemaker").create_pipeline(
        PipelineName=name, PipelineDefinition=document, RoleArn=ROLE, ClientRequestToken=token
    )


def start(cloud: CloudServer, name: str, **more: Any) -> str:
    found = cloud.client("sagemaker").start_pipeline_execution(PipelineName=name, **more)
    return str(found["PipelineExecutionArn"])


def finish(cloud: CloudServer, arn: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=arn)
        return found if found["PipelineExecutionStatus"] not in ("Executing", "Stopping") else None

    return eventually(look, 60, f"the end of {arn}")


def steps(cloud: CloudServer, arn: str) -> dict[str, dict[str, Any]]:
    found = cloud.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")
    return {step["StepName"]: step for step in found["PipelineExecutionSteps"]}


def statuses(cloud: CloudServer, arn: str) -> dict[str, str]:
    return {name: step["StepStatus"] for name, step in steps(cloud, arn).items()}


def step(name: str, arguments: dict[str, Any], kind: str = "Processing", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": arguments} | more


def whole(store: str, group: str) -> str:
    """Train -> Evaluate -> Check -> Register, as small as it gets."""
    base = f"s3://{store}/runs"
    train = training(
        join(base, EXECUTION, "train"),
        [channel("train", f"s3://{store}/train")],
        {
            "num_round": {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.num_round"}]}},
            "objective": "binary:logistic",
        },
    )
    artifact = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    judge = (
        "import json, sys\n"
        "json.dump({'verdict': {'outcome': sys.argv[1]}}, open('/opt/ml/processing/evaluation/e.json', 'w'))"
    )
    evaluate = processing(
        python(judge),
        [s3_input("model", artifact)],  # type: ignore[arg-type]
        [s3_output("evaluation", join(base, EXECUTION, "evaluation"))],  # type: ignore[arg-type]
    )
    evaluate["AppSpecification"]["ContainerArguments"] = [{"Get": "Parameters.Word"}]
    outcome = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.E"}, "Path": "verdict.outcome"}}
    containers = [{"Image": XGBOOST, "ModelDataUrl": artifact}]
    register = {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": containers, "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"],
        },
    }  # fmt: skip
    check = {
        "Conditions": [{"Type": "Equals", "LeftValue": outcome, "RightValue": "Passed"}],
        "IfSteps": [step("Register", register, "RegisterModel")],
        "ElseSteps": [],
    }
    file = {"PropertyFileName": "E", "OutputName": "evaluation", "FilePath": "e.json"}
    return definition(
        step("Train", train, "Training", CacheConfig=CACHE),
        step("Evaluate", evaluate, PropertyFiles=[file], CacheConfig=CACHE),
        step("Check", check, "Condition"),
        parameters=PARAMETERS,
    )


@pytest.fixture(scope="module")
def trained(cloud_server: CloudServer) -> tuple[CloudServer, str]:
    """A pipeline that has run once, and that execution."""
    s3 = bucket(cloud_server, "pipes-whole")
    s3.put_object(Bucket="pipes-whole", Key="train/rows.csv", Body=rows(200))
    create(cloud_server, "whole", whole("pipes-whole", "pipes-group"))
    first = start(cloud_server, "whole", PipelineExecutionDisplayName="first-run")
    assert finish(cloud_server, first)["PipelineExecutionStatus"] == "Succeeded", steps(cloud_server, first)
    return cloud_server, first


def test_a_passing_gate_registers_a_package_that_names_its_execution(trained: tuple[CloudServer, str]) -> None:
    cloud, first = trained
    found = steps(cloud, first)

    assert list(found) == ["Train", "Evaluate", "Check", "Register"]
    assert found["Check"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    package = cloud.client("sagemaker").describe_model_package(
        ModelPackageName=found["Register"]["Metadata"]["RegisterModel"]["Arn"]
    )
    assert package["MetadataProperties"] == {"GeneratedBy": first}
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    job = found["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    assert job.startswith(f"pipelines-{first.rpartition('/')[2]}-Train-")
    assert len(job) <= 63


def test_a_failed_gate_succeeds_without_registering(trained: tuple[CloudServer, str]) -> None:
    cloud, _ = trained

    arn = start(cloud, "whole", PipelineParameters=[{"Name": "Word", "Value": "Rejected"}])

    assert finish(cloud, arn)["PipelineExecutionStatus"] == "Succeeded"
    assert steps(cloud, arn)["Check"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert "Register" not in steps(cloud, arn)
    given = cloud.client("sagemaker").list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert given["PipelineParameters"] == [{"Name": "Word", "Value": "Rejected"}]


def test_the_same_arguments_hit_the_cache_and_others_do_not(trained: tuple[CloudServer, str]) -> None:
    cloud, first = trained

    again = start(cloud, "whole")
    other = start(cloud, "whole", PipelineParameters=[{"Name": "num_round", "Value": "5"}])
    finish(cloud, again)
    finish(cloud, other)

    hits = {name: found.get("CacheHitResult") for name, found in steps(cloud, again).items()}
    assert hits["Train"] == hits["Evaluate"] == {"SourcePipelineExecutionArn": first}
    assert statuses(cloud, again)["Register"] == "Succeeded"
    assert "CacheHitResult" not in steps(cloud, other)["Train"]


def test_a_step_that_fails_ends_the_execution_with_its_reason(trained: tuple[CloudServer, str]) -> None:
    cloud, _ = trained

    arn = start(cloud, "whole", PipelineParameters=[{"Name": "num_round", "Value": "0"}])

    described = finish(cloud, arn)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["FailureReason"] == "Step failure: One or multiple steps failed."
    assert list(steps(cloud, arn)) == ["Train"]
    assert "num_round: 0 is not in [1, +inf)" in steps(cloud, arn)["Train"]["FailureReason"]


def test_one_token_starts_one_execution(trained: tuple[CloudServer, str]) -> None:
    cloud, _ = trained

    arns = {start(cloud, "whole", ClientRequestToken="t" * 40) for _ in range(3)}

    assert len(arns) == 1
    finish(cloud, arns.pop())


@pytest.mark.parametrize("operation", ["create_pipeline", "update_pipeline"])
def test_a_condition_within_a_condition_makes_no_pipeline_and_no_version(
    trained: tuple[CloudServer, str], operation: str
) -> None:
    sagemaker = trained[0].client("sagemaker")
    inner = step("Inner", {"Conditions": [], "IfSteps": [step("Stop", {"ErrorMessage": "no"}, "Fail")]}, "Condition")
    nested = definition(step("Outer", {"Conditions": [], "IfSteps": [inner]}, "Condition"))
    name = "nested" if operation == "create_pipeline" else "whole"

    with pytest.raises(ClientError, match="doesn't support the use of nested condition steps") as refused:
        getattr(sagemaker, operation)(PipelineName=name, PipelineDefinition=nested, RoleArn=ROLE)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert [
        one["PipelineName"] for one in sagemaker.list_pipelines(PipelineNamePrefix="nested")["PipelineSummaries"]
    ] == []
    assert len(sagemaker.list_pipeline_versions(PipelineName="whole")["PipelineVersionSummaries"]) == 1


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"PipelineParameters": [{"Name": "Nope", "Value": "1"}]}, "Unknown parameter 'Nope'"),
        ({"PipelineParameters": [{"Name": "num_round", "Value": "x"}]}, "must be of type Integer"),
        ({"PipelineVersionId": 99}, "has no version 99"),
    ],
)
def test_a_start_that_cannot_be_is_refused(
    trained: tuple[CloudServer, str], request_: dict[str, Any], words: str
) -> None:
    cloud, _ = trained

    with pytest.raises(ClientError, match=words):
        start(cloud, "whole", **request_)


def test_a_definition_in_a_circle_is_refused(cloud_server: CloudServer) -> None:
    document = definition(
        step("A", processing(python("")), DependsOn=["B"]), step("B", processing(python("")), DependsOn=["A"])
    )

    with pytest.raises(ClientError, match="A -> B -> A") as refused:
        create(cloud_server, "circle", document)

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_every_update_is_a_version_and_an_old_one_can_be_started(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    create(cloud_server, "versions", definition(step("One", processing(python("")))))
    sagemaker.update_pipeline(
        PipelineName="versions", PipelineDefinition=definition(step("Two", processing(python(""))))
    )

    old = start(cloud_server, "versions", PipelineVersionId=1)
    new = start(cloud_server, "versions")
    described = [finish(cloud_server, arn) for arn in (old, new)]

    assert [found["PipelineVersionId"] for found in described] == [1, 2]
    assert [list(steps(cloud_server, arn)) for arn in (old, new)] == [["One"], ["Two"]]
    versions = sagemaker.list_pipeline_versions(PipelineName="versions")["PipelineVersionSummaries"]
    assert [entry["PipelineVersionId"] for entry in versions] == [2, 1]
    assert '"One"' in sagemaker.describe_pipeline(PipelineName="versions", PipelineVersionId=1)["PipelineDefinition"]
    listed = sagemaker.list_pipeline_executions(PipelineName="versions")["PipelineExecutionSummaries"]
    assert {entry["PipelineExecutionArn"] for entry in listed} == {old, new}


def test_a_deleted_pipeline_takes_its_executions_along_and_can_be_made_anew(cloud_server: CloudServer) -> None:
    sagemaker, document = cloud_server.client("sagemaker"), definition(step("One", processing(python(""))))
    create(cloud_server, "again", document)
    arn = start(cloud_server, "again")
    finish(cloud_server, arn)

    sagemaker.delete_pipeline(PipelineName="again", ClientRequestToken="d" * 32)
    create(cloud_server, "again", document)

    assert len(sagemaker.list_pipeline_versions(PipelineName="again")["PipelineVersionSummaries"]) == 1
    assert sagemaker.list_pipeline_executions(PipelineName="again")["PipelineExecutionSummaries"] == []
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)


def test_steps_without_an_edge_run_side_by_side(cloud_server: CloudServer) -> None:
    wait = processing(python("import time; time.sleep(0.5)"))
    create(cloud_server, "beside", definition(step("Left", wait), step("Right", wait)))

    arn = start(cloud_server, "beside")
    finish(cloud_server, arn)

    found = steps(cloud_server, arn)
    assert found["Left"]["StartTime"] < found["Right"]["EndTime"]
    assert found["Right"]["StartTime"] < found["Left"]["EndTime"]


def test_a_fail_step_ends_it_with_its_message(cloud_server: CloudServer) -> None:
    message = {"Std:Join": {"On": " ", "Values": ["not", "today"]}}
    create(cloud_server, "failing", definition(step("Enough", {"ErrorMessage": message}, "Fail")))

    arn = start(cloud_server, "failing")

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Failed"
    found = steps(cloud_server, arn)["Enough"]
    assert found["FailureReason"] == "not today"
    assert found["Metadata"] == {"Fail": {"ErrorMessage": "not today"}}


def test_a_stop_ends_the_running_job(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    create(cloud_server, "stopping", definition(step("Slow", processing(python("import time; time.sleep(60)")))))
    arn = start(cloud_server, "stopping")
    metadata = eventually(lambda: steps(cloud_server, arn).get("Slow", {}).get("Metadata"))

    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="s" * 32)

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Stopped"
    assert statuses(cloud_server, arn) == {"Slow": "Stopped"}
    job = metadata["ProcessingJob"]["Arn"].rpartition("/")[2]
    assert sagemaker.describe_processing_job(ProcessingJobName=job)["ProcessingJobStatus"] == "Stopped"
    with pytest.raises(sagemaker.exceptions.ConflictException, match="is Stopped and cannot be stopped"):
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)


def test_a_retry_runs_only_what_did_not_succeed(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, "pipes-retry")
    read = processing(python("open('/opt/ml/processing/data/x')"), [s3_input("data", "s3://pipes-retry/x")])
    create(
        cloud_server,
        "retrying",
        definition(step("First", processing(python(""))), step("Then", read, DependsOn=["First"])),
    )
    arn = start(cloud_server, "retrying")
    finish(cloud_server, arn)
    failed, begun = statuses(cloud_server, arn), steps(cloud_server, arn)["First"]["StartTime"]

    s3.put_object(Bucket="pipes-retry", Key="x", Body=b"now")
    cloud_server.client("sagemaker").retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="r" * 32)

    assert failed == {"First": "Succeeded", "Then": "Failed"}
    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded"
    assert steps(cloud_server, arn)["First"]["StartTime"] == begun


def test_executions_and_their_steps_tell_the_bus(cloud_server: CloudServer) -> None:
    queue = cloud_server.client("sqs").create_queue(QueueName="told")["QueueUrl"]
    arn = cloud_server.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    bus = cloud_server.client("events")
    bus.put_rule(
        Name="told", EventPattern='{"source": ["aws.sagemaker"], "detail": {"pipelineArn": [{"suffix": "/telling"}]}}'
    )
    bus.put_targets(Rule="told", Targets=[{"Id": "q", "Arn": arn}])
    create(cloud_server, "telling", definition(step("Only", processing(python("")))))

    finish(cloud_server, start(cloud_server, "telling", PipelineExecutionDisplayName="my-run"))

    heard: list[dict[str, Any]] = []

    def look() -> bool:
        heard.extend(messages(cloud_server, queue))
        return len(heard) >= 5

    eventually(look, 20, "five events")
    told = [event for event in heard if event["detail-type"].endswith("Execution Status Change")]
    assert {event["detail"]["currentPipelineExecutionStatus"] for event in told} == {"Executing", "Succeeded"}
    assert {event["detail"]["pipelineExecutionDisplayName"] for event in told} == {"my-run"}
    stepped = [event["detail"] for event in heard if event["detail-type"].endswith("Step Status Change")]
    assert {detail["currentStepStatus"] for detail in stepped} == {"Starting", "Executing", "Succeeded"}
    assert {detail["stepName"] for detail in stepped} == {"Only"}


def messages(cloud: CloudServer, queue: str) -> list[dict[str, Any]]:
    import json

    sqs = cloud.client("sqs")
    found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def test_descriptions_name_whoever_asked(trained: tuple[CloudServer, str]) -> None:
    cloud, arn = trained
    sagemaker = cloud.client("sagemaker")
    package = sagemaker.list_model_packages(ModelPackageGroupName="pipes-group")["ModelPackageSummaryList"][0]
    sagemaker.update_model_package(ModelPackageArn=package["ModelPackageArn"], ApprovalDescription="looked at")

    described = sagemaker.describe_model_package(ModelPackageName=package["ModelPackageArn"])
    started = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["CreatedBy"]

    user = "arn:aws:iam::123456789012:user/local"
    assert (described["LastModifiedBy"]["IamIdentity"]["Arn"], started["IamIdentity"]["Arn"]) == (user, user)
