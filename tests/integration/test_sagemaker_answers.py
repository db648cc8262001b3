"""What SageMaker always says of a resource, whether or not its API's shape requires it: SDKs and notebooks read it.

Required members are held at each answer (``complete`` in localcloud/sagemaker/api_shapes.py); these are the others that
AWS's own examples of answers have. Source: the "Examples" and samples of the AWS CLI's reference,
https://docs.aws.amazon.com/cli/latest/reference/sagemaker/describe-training-job.html and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore import xform_name
from cloud import CloudServer
from sagemaker_requests import ROLE, definition
from sagemaker_resources import FAIL, FULL, STORE, ended, over, own_training, script_model, settled, variant

from localcloud.sagemaker.request_members import MEMBERS

pytestmark = pytest.mark.timeout(900)
NAME = "answers"
ALWAYS = {
    "processing_job": "RoleArn StoppingCondition ProcessingStartTime ProcessingEndTime LastModifiedTime",
    "training_job": """
        AlgorithmSpecification RoleArn OutputDataConfig ResourceConfig TrainingStartTime TrainingEndTime
        LastModifiedTime SecondaryStatusTransitions EnableNetworkIsolation EnableInterContainerTrafficEncryption
        ProfilingStatus EnableManagedSpotTraining TrainingTimeInSeconds BillableTimeInSeconds
    """,
    "transform_job": "TransformStartTime TransformEndTime TransformOutput DataProcessing",
    "model": "ExecutionRoleArn PrimaryContainer EnableNetworkIsolation",
    "endpoint_config": "EnableNetworkIsolation",
    "endpoint": "EndpointConfigName ProductionVariants",
    "model_package": "CertifyForMarketplace InferenceSpecification CreatedBy",
    "model_package_group": "",
    "pipeline": """
        PipelineArn PipelineName PipelineDisplayName PipelineDefinition RoleArn PipelineStatus CreationTime
        LastModifiedTime CreatedBy LastModifiedBy LastRunTime
    """,
    "pipeline_execution": """
        PipelineArn PipelineExecutionArn PipelineExecutionDisplayName PipelineExecutionStatus CreationTime
        LastModifiedTime CreatedBy LastModifiedBy FailureReason
    """,
    "pipeline_definition_for_execution": "PipelineDefinition CreationTime",
}
ELSEWHERE = {  # operation of a Describe -> where its answers are held
    "hyper_parameter_tuning_job": "test_sagemaker_tuning.py",
    "artifact": "tests/clients",
    "context": "tests/clients",
    "action": "tests/clients",
    "trial_component": "tests/clients",
}


@pytest.fixture(scope="module")
def described(cloud_server: CloudServer) -> Mapping[str, Mapping[str, Any]]:
    """What is said of one resource of each kind, at its end."""
    sagemaker, found = cloud_server.client("sagemaker"), {}
    script_model(cloud_server)
    cloud_server.client("s3").put_object(Bucket=STORE, Key="nothing/rows.csv", Body=b"1\n")
    for kind, (name, make) in FULL.items():
        request = make(cloud_server) | {name: NAME}
        if kind == "training_job":
            request = own_training("print('hello')") | {name: NAME}
        getattr(sagemaker, f"create_{kind}")(**request)
    config = {"EndpointConfigName": f"{NAME}-e", "ProductionVariants": [variant("a", script_model(cloud_server))]}
    sagemaker.create_endpoint_config(**config)
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=f"{NAME}-e")
    sagemaker.update_pipeline(PipelineName=NAME, PipelineDefinition=definition(FAIL), RoleArn=ROLE)
    execution = sagemaker.start_pipeline_execution(PipelineName=NAME)["PipelineExecutionArn"]
    found["pipeline_execution"] = over(cloud_server, execution)
    asked = {"PipelineExecutionArn": execution}
    found["pipeline_definition_for_execution"] = sagemaker.describe_pipeline_definition_for_execution(**asked)
    for kind in ("processing", "training", "transform"):
        ended(cloud_server, kind, NAME)
    found["endpoint"] = settled(cloud_server, NAME)
    for kind, (name, _) in FULL.items():
        found[kind] = getattr(sagemaker, f"describe_{kind}")(**{name: NAME})
    return found


def test_every_description_is_held() -> None:
    kinds = {xform_name(one.removeprefix("Describe")) for one in MEMBERS if one.startswith("Describe")}

    assert kinds == {*ALWAYS, *ELSEWHERE}


@pytest.mark.parametrize("kind", ALWAYS)
def test_what_aws_always_says_is_said(described: Mapping[str, Mapping[str, Any]], kind: str) -> None:
    assert sorted(set(ALWAYS[kind].split()) - set(described[kind])) == []


def test_each_change_of_a_trainings_status_has_its_message(described: Mapping[str, Mapping[str, Any]]) -> None:
    changes = described["training_job"]["SecondaryStatusTransitions"]

    assert [one["Status"] for one in changes][-1] == "Completed"
    assert all(one["StatusMessage"] and one["StartTime"] <= one["EndTime"] for one in changes)


def test_keys_that_were_not_given_are_empty(described: Mapping[str, Mapping[str, Any]]) -> None:
    assert described["training_job"]["OutputDataConfig"]["KmsKeyId"] == ""


def test_an_endpoints_variant_says_its_image_its_weights_and_its_counts(
    described: Mapping[str, Mapping[str, Any]],
) -> None:
    (found,) = described["endpoint"]["ProductionVariants"]
    image = {"SpecifiedImage", "ResolvedImage", "ResolutionTime"}

    assert image <= set(found["DeployedImages"][0])
    assert {"CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount"} <= set(found)
