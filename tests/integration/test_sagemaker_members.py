"""Members of SageMaker's requests that have an effect here, and those that are only described again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_requests import ROLE, bucket, definition, processing, python
from sagemaker_resources import FAIL, FULL, STORE, ended, over, own_training, script_model, settled, variant

from localcloud.sagemaker.played_members import Member, members_of

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def two_variants(cloud_server: CloudServer) -> str:
    """An endpoint with two variants in service."""
    sagemaker, model = cloud_server.client("sagemaker"), script_model(cloud_server)
    sagemaker.create_endpoint_config(
        EndpointConfigName="pair", ProductionVariants=[variant("a", model, 2), variant("b", model)]
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName="pair-2", ProductionVariants=[variant("a", model, 1, 5.0), variant("c", model)]
    )
    sagemaker.create_endpoint(EndpointName="pair", EndpointConfigName="pair")
    assert settled(cloud_server, "pair")["EndpointStatus"] == "InService"
    return "pair"


def properties(described: Mapping[str, Any]) -> dict[str, tuple[int, float]]:
    return {
        one["VariantName"]: (one["CurrentInstanceCount"], one["CurrentWeight"])
        for one in described["ProductionVariants"]
    }


def test_weights_and_counts_change_and_outlast_an_update_that_retains_them(
    cloud_server: CloudServer, two_variants: str
) -> None:
    sagemaker = cloud_server.client("sagemaker")
    desired = [{"VariantName": "a", "DesiredInstanceCount": 4, "DesiredWeight": 0.0}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="pair", DesiredWeightsAndCapacities=desired)
    changed = settled(cloud_server, two_variants)
    asked = [
        cloud_server.client("sagemaker-runtime").invoke_endpoint(EndpointName="pair", Body="1", ContentType="text/csv")
        for _ in range(10)
    ]
    sagemaker.update_endpoint(
        EndpointName="pair",
        EndpointConfigName="pair-2",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
    )
    retained = settled(cloud_server, two_variants)
    sagemaker.update_endpoint(EndpointName="pair", EndpointConfigName="pair-2")
    plain = settled(cloud_server, two_variants)

    assert properties(changed) == {"a": (4, 0.0), "b": (1, 1.0)}
    assert {answer["InvokedProductionVariant"] for answer in asked} == {"b"}
    assert properties(retained) == {"a": (4, 5.0), "c": (1, 1.0)}
    assert properties(plain) == {"a": (1, 5.0), "c": (1, 1.0)}


def test_weights_of_a_variant_that_is_not_there_are_refused(cloud_server: CloudServer, two_variants: str) -> None:
    sagemaker = cloud_server.client("sagemaker")

    with pytest.raises(ClientError, match="nosuch is/are not present"):
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=two_variants, DesiredWeightsAndCapacities=[{"VariantName": "nosuch", "DesiredWeight": 1.0}]
        )


def test_an_endpoint_is_not_asked_for_what_nobody_plays(cloud_server: CloudServer, two_variants: str) -> None:
    runtime = cloud_server.client("sagemaker-runtime")
    request = {"EndpointName": two_variants, "Body": "1", "ContentType": "text/csv"}

    for member in ("TargetModel", "TargetContainerHostname", "EnableExplanations", "InferenceComponentName"):
        with pytest.raises(ClientError, match=f"{member} does not run outside AWS"):
            runtime.invoke_endpoint(**request, **{member: "x"})


def test_no_endpoint_answers_asynchronously(cloud_server: CloudServer, two_variants: str) -> None:
    runtime = cloud_server.client("sagemaker-runtime")

    with pytest.raises(ClientError, match="Endpoint nosuch of account 123456789012 not found"):
        runtime.invoke_endpoint_async(EndpointName="nosuch", InputLocation="s3://b/k")
    with pytest.raises(ClientError, match="has no AsyncInferenceConfig"):
        runtime.invoke_endpoint_async(EndpointName=two_variants, InputLocation="s3://b/k")


def test_checkpoints_come_from_s3_and_go_back_to_it(cloud_server: CloudServer) -> None:
    s3 = bucket(cloud_server, STORE)
    s3.put_object(Bucket=STORE, Key="checkpoints/earlier/1", Body=b"one")
    source = (
        "import pathlib\n"
        "folder = pathlib.Path('/opt/ml/mine')\n"
        "(folder / 'later').write_text((folder / 'earlier' / '1').read_text() + ' and two')\n"
    )
    place = {"S3Uri": f"s3://{STORE}/checkpoints", "LocalPath": "/opt/ml/mine"}
    request = own_training(source, CheckpointConfig=place)
    cloud_server.client("sagemaker").create_training_job(TrainingJobName="checkpoints", **request)

    assert ended(cloud_server, "training", "checkpoints")["TrainingJobStatus"] == "Completed"
    assert s3.get_object(Bucket=STORE, Key="checkpoints/later")["Body"].read() == b"one and two"


def test_a_job_that_asks_for_a_debugger_is_told_that_there_is_none(cloud_server: CloudServer) -> None:
    asked = {"DebugHookConfig": {"S3OutputPath": f"s3://{STORE}/debug"}, "ProfilerConfig": {"DisableProfiler": True}}
    request = own_training("print('hello')", **asked)
    cloud_server.client("sagemaker").create_training_job(TrainingJobName="debugged", **request)
    ended(cloud_server, "training", "debugged")
    group = "/aws/sagemaker/TrainingJobs"
    lines = cloud_server.client("logs").filter_log_events(logGroupName=group, logStreamNamePrefix="debugged/")["events"]

    assert [line["message"] for line in lines] == [
        "outside AWS no debugger or profiler looks at a job: DebugHookConfig, ProfilerConfig has no effect",
        "hello",
    ]


def test_a_training_that_is_stopped_says_so(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    sagemaker.create_training_job(TrainingJobName="stopped", **own_training("import time; time.sleep(600)"))
    sagemaker.stop_training_job(TrainingJobName="stopped")

    assert ended(cloud_server, "training", "stopped")["TrainingJobStatus"] == "Stopped"


def test_a_transform_that_is_stopped_says_so(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    request = FULL["transform_job"][1](cloud_server) | {"TransformJobName": "stopped"}
    cloud_server.client("s3").put_object(Bucket=STORE, Key="slow/rows.csv", Body=b"1\n" * 5000)
    request["TransformInput"] = {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{STORE}/slow"}},
        "SplitType": "Line", "ContentType": "text/csv",
    }  # fmt: skip
    sagemaker.create_transform_job(**request, BatchStrategy="SingleRecord")
    sagemaker.stop_transform_job(TransformJobName="stopped")

    assert ended(cloud_server, "transform", "stopped")["TransformJobStatus"] == "Stopped"


def test_a_package_is_made_once_and_changed_member_by_member(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    request = FULL["model_package"][1](cloud_server) | {"ModelPackageName": "changed", "ClientToken": "t" * 36}
    first, again = (sagemaker.create_model_package(**request, CertifyForMarketplace=False) for _ in range(2))
    other = {"Name": "another", "Containers": request["InferenceSpecification"]["Containers"]}
    changes = {
        "SourceUri": "https://example.com/2", "CustomerMetadataProperties": {"c": "d"},
        "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Approved"},
        "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"},
        "InferenceSpecification": request["InferenceSpecification"] | {"SupportedContentTypes": ["application/json"]},
    }  # fmt: skip
    more = {"CustomerMetadataPropertiesToRemove": ["a"], "AdditionalInferenceSpecificationsToAdd": [other]}
    for _ in range(2):  # one token is one change
        sagemaker.update_model_package(
            ModelPackageArn=first["ModelPackageArn"], ClientToken="u" * 36, **changes, **more
        )
    described = sagemaker.describe_model_package(ModelPackageName=first["ModelPackageArn"], IncludedData="AllData")

    assert first["ModelPackageArn"] == again["ModelPackageArn"]
    assert described.items() >= changes.items()
    assert [one["Name"] for one in described["AdditionalInferenceSpecifications"]] == ["other", "another"]


# --- described again


def described_members(members: Mapping[str, Member], given: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a request that has no effect here."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        if members[name].described:
            found[name] = value
        elif members[name].below and isinstance(value, dict):
            below = described_members(members[name].below or {}, value)
            found |= {name: below} if below else {}
    return found


def holds(described: Any, expected: Any) -> bool:
    """Whether a description has everything that is expected of it."""
    if isinstance(expected, dict):
        return all(name in described and holds(described[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(described) == len(expected) and all(map(holds, described, expected))
    return bool(described == expected)


@pytest.mark.parametrize("kind", FULL)
def test_what_has_no_effect_here_is_described_as_it_was_asked_for(cloud_server: CloudServer, kind: str) -> None:
    sagemaker = cloud_server.client("sagemaker")
    name, make = FULL[kind]
    request = make(cloud_server)
    operation = f"Create{''.join(part.title() for part in kind.split('_'))}"
    expected = described_members(members_of(operation), request)

    getattr(sagemaker, f"create_{kind}")(**request)
    described = getattr(sagemaker, f"describe_{kind}")(**{name: request[name]})

    assert expected
    assert holds(described, expected), described


# --- pipelines


@pytest.fixture(scope="module")
def pipeline(cloud_server: CloudServer) -> str:
    cloud_server.client("sagemaker").create_pipeline(
        PipelineName="members", PipelineDefinition=definition(FAIL), RoleArn=ROLE
    )
    return "members"


def test_a_definition_is_read_from_the_version_of_its_object(cloud_server: CloudServer) -> None:
    sagemaker, s3 = cloud_server.client("sagemaker"), bucket(cloud_server, "versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="versioned", Key="d.json", Body=definition(FAIL))["VersionId"]
    s3.put_object(Bucket="versioned", Key="d.json", Body="{}")
    place = {"Bucket": "versioned", "ObjectKey": "d.json"}

    sagemaker.create_pipeline(
        PipelineName="of-version", RoleArn=ROLE, PipelineDefinitionS3Location=place | {"VersionId": first}
    )

    assert sagemaker.describe_pipeline(PipelineName="of-version")["PipelineDefinition"] == definition(FAIL)
    with pytest.raises(ClientError, match="Invalid pipeline definition"):
        sagemaker.update_pipeline(PipelineName="of-version", PipelineDefinitionS3Location=place)


def test_a_version_has_the_names_that_people_give_it(cloud_server: CloudServer, pipeline: str) -> None:
    sagemaker = cloud_server.client("sagemaker")
    arn = sagemaker.describe_pipeline(PipelineName=pipeline)["PipelineArn"]
    names = {"PipelineVersionDisplayName": "First", "PipelineVersionDescription": "the first of all"}
    sagemaker.update_pipeline_version(PipelineArn=arn, PipelineVersionId=1, **names)
    described = sagemaker.describe_pipeline(PipelineName=pipeline, PipelineVersionId=1)
    listed = sagemaker.list_pipeline_versions(PipelineName=pipeline)["PipelineVersionSummaries"]

    assert described.items() >= names.items()
    assert listed[-1].items() >= names.items()


def test_one_token_is_one_retry(cloud_server: CloudServer, pipeline: str) -> None:
    sagemaker = cloud_server.client("sagemaker")
    arn = sagemaker.start_pipeline_execution(PipelineName=pipeline)["PipelineExecutionArn"]
    over(cloud_server, arn)
    token = "r" * 40
    first = sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
    again = sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
    over(cloud_server, arn)

    assert first["PipelineExecutionArn"] == again["PipelineExecutionArn"] == arn


def test_an_execution_is_described_as_people_say(cloud_server: CloudServer, pipeline: str) -> None:
    sagemaker = cloud_server.client("sagemaker")
    arn = sagemaker.start_pipeline_execution(PipelineName=pipeline, PipelineExecutionDescription="first")[
        "PipelineExecutionArn"
    ]
    before = over(cloud_server, arn)
    names = {"PipelineExecutionDisplayName": "second", "PipelineExecutionDescription": "second of all"}
    sagemaker.update_pipeline_execution(PipelineExecutionArn=arn, **names)

    assert before["PipelineExecutionDescription"] == "first"
    assert over(cloud_server, arn).items() >= names.items()


def test_a_pipeline_is_made_once_and_changed_member_by_member(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    request = {"PipelineName": "changed", "PipelineDefinition": definition(FAIL), "RoleArn": ROLE}
    width = {"ParallelismConfiguration": {"MaxParallelExecutionSteps": 3}}
    token = {"ClientRequestToken": "c" * 40}
    first = sagemaker.create_pipeline(**request, **width, **token)
    again = sagemaker.create_pipeline(**request, **width, **token)
    made = sagemaker.describe_pipeline(PipelineName="changed")
    changes = {
        "PipelineDisplayName": "Changed", "PipelineDescription": "by member", "RoleArn": f"{ROLE}-2",
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": 2},
    }  # fmt: skip
    sagemaker.update_pipeline(PipelineName="changed", **changes)

    assert first["PipelineArn"] == again["PipelineArn"]
    assert made.items() >= width.items()
    assert sagemaker.describe_pipeline(PipelineName="changed").items() >= changes.items()


def test_an_execution_may_have_a_role_and_a_width_of_its_own(cloud_server: CloudServer, pipeline: str) -> None:
    sagemaker = cloud_server.client("sagemaker")
    wait = python("import time, pathlib\nwhile not pathlib.Path('/opt/ml/processing/go').exists(): time.sleep(0.1)")
    steps = [{"Name": name, "Type": "Processing", "Arguments": processing(wait)} for name in ("A", "B")]
    sagemaker.create_pipeline(PipelineName="wide", PipelineDefinition=definition(*steps), RoleArn=ROLE)
    arn = sagemaker.start_pipeline_execution(
        PipelineName="wide",
        RoleArn="arn:aws:iam::123456789012:role/other",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 1},
    )["PipelineExecutionArn"]

    def running(count: int) -> Callable[[], bool]:
        def look() -> bool:
            found = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
            return sum(step["StepStatus"] == "Executing" for step in found) == count

        return look

    eventually(running(1), 30)
    sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn, ParallelismConfiguration={"MaxParallelExecutionSteps": 2}
    )
    eventually(running(2), 30)
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    over(cloud_server, arn)
