"""A cloud that lacks instances: jobs, lists of types, tuning, endpoints and pipelines that meet it as on AWS."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import own_models
import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_requests import CLUSTER, ENDED, ROLE, bucket, definition, processing, python, rows, training

from cli.stack.account import examination, quotas
from cli.stack.target import Target

pytestmark = pytest.mark.timeout(900)
GONE, SCARCE, THERE = "ml.m5.4xlarge", "ml.m5.12xlarge", "ml.m5.2xlarge"
WHY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)
PASSED_ON = {"ExceptionType": ["SageMaker.CAPACITY_ERROR"], "IntervalSeconds": 1, "MaxAttempts": 1}


def say(cloud: CloudServer, limits: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(limits).encode()
    request = urllib.request.Request(f"{cloud.url}/_localcloud/capacity", data=body, method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@pytest.fixture(autouse=True)
def short(cloud_server: CloudServer) -> Iterator[None]:
    say(cloud_server, {"no_capacity": [GONE], "quotas": {SCARCE: 1}})
    yield
    say(cloud_server, {})


def on(kind: str, **more: Any) -> dict[str, Any]:
    return {"ProcessingResources": {"ClusterConfig": CLUSTER | {"InstanceType": kind}}} | more


def preferring(*kinds: str) -> dict[str, Any]:
    several = [{"InstanceType": kind} for kind in kinds]
    return {"InstanceCount": 1, "VolumeSizeInGB": 30, "InstancePreferences": several}


def process(cloud: CloudServer, name: str, command: str, **more: Any) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_processing_job(ProcessingJobName=name, **processing(python(command), **more))

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_processing_job(ProcessingJobName=name)
        return found if found["ProcessingJobStatus"] in ENDED else None

    return eventually(look, 60, f"the end of {name}")


def run(cloud: CloudServer, name: str, *steps: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A pipeline's execution and its steps, once it has ended."""
    arn = begin(cloud, name, *steps)
    return ended(cloud, arn), steps_of(cloud, arn)


def begin(cloud: CloudServer, name: str, *steps: dict[str, Any]) -> str:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_pipeline(
        PipelineName=name, PipelineDefinition=definition(*steps), RoleArn=ROLE, ClientRequestToken=name.ljust(32, "0")
    )
    return str(sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"])


def ended(cloud: CloudServer, arn: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=arn)
        return found if found["PipelineExecutionStatus"] not in ("Executing", "Stopping") else None

    return eventually(look, 60, f"the end of {arn}")


def steps_of(cloud: CloudServer, arn: str) -> list[dict[str, Any]]:
    found = cloud.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=arn)
    return list(found["PipelineExecutionSteps"])


def step(kind: str, *policies: dict[str, Any]) -> dict[str, Any]:
    arguments = processing(python("print(1)"), **on(kind))
    return {"Name": "Work", "Type": "Processing", "Arguments": arguments, "RetryPolicies": list(policies)}


def test_a_job_without_capacity_is_accepted_and_fails_with_its_reason(cloud_server: CloudServer) -> None:
    found = process(cloud_server, "short-job", "print(1)", **on(GONE))

    assert (found["ProcessingJobStatus"], found["FailureReason"]) == ("Failed", WHY)
    assert "ProcessingStartTime" not in found


def test_of_several_types_the_first_with_capacity_is_taken_and_the_job_sees_which(cloud_server: CloudServer) -> None:
    look = "import json; print(json.load(open('/opt/ml/config/resourceconfig.json'))['current_instance_type'])"

    found = process(
        cloud_server, "short-list", look, ProcessingResources={"ClusterConfig": preferring(GONE, THERE, "ml.m5.large")}
    )

    cluster = found["ProcessingResources"]["ClusterConfig"]
    log = cloud_server.state_dir / "logs" / "aws" / "sagemaker" / "ProcessingJobs" / "short-list"
    assert found["ProcessingJobStatus"] == "Completed", found
    assert (cluster["SelectedInstanceType"], cluster["SelectedInstanceCount"]) == (THERE, 1)
    assert any(THERE in file.read_text() for file in log.glob("*.log"))


def test_a_list_of_types_is_held_against_every_types_quota(cloud_server: CloudServer) -> None:
    say(cloud_server, {"quotas": {SCARCE: 0}})
    cluster = {"ProcessingResources": {"ClusterConfig": preferring(THERE, SCARCE)}}

    with pytest.raises(ClientError) as refused:
        process(cloud_server, "short-quota", "print(1)", **cluster)

    assert refused.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    assert f"'{SCARCE} for processing job usage' is 0 Instances" in str(refused.value)


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        (preferring(THERE, THERE), "can appear only once"),
        (preferring(THERE) | {"InstanceType": THERE}, "excludes InstanceType"),
        (
            preferring(THERE)
            | {"InstancePreferences": [{"InstanceType": THERE, "InstanceCount": 1}, {"InstanceType": GONE}]},
            "InstanceCount is set on every one",
        ),
    ],
)
def test_a_list_of_types_that_aws_refuses_is_refused(cloud_server: CloudServer, cluster: Any, words: str) -> None:
    with pytest.raises(ClientError, match=words):
        process(cloud_server, "short-bad", "print(1)", ProcessingResources={"ClusterConfig": cluster})


def test_a_step_is_tried_again_as_its_policy_says_and_then_fails_with_the_reason(cloud_server: CloudServer) -> None:
    found, (work,) = run(cloud_server, "short-of-it", step(GONE, PASSED_ON))

    assert found["PipelineExecutionStatus"] == "Failed"
    assert (work["StepStatus"], work["FailureReason"], work["AttemptCount"]) == ("Failed", WHY, 2)


def test_capacity_that_comes_back_ends_the_waiting(cloud_server: CloudServer) -> None:
    arn = begin(cloud_server, "short-for-now", step(GONE, PASSED_ON | {"MaxAttempts": 60, "BackoffRate": 1}))
    eventually(lambda: any(work["AttemptCount"] > 1 for work in steps_of(cloud_server, arn)), 30, "a second attempt")

    say(cloud_server, {})

    assert ended(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded"
    assert steps_of(cloud_server, arn)[0]["AttemptCount"] > 1


def test_a_policy_for_quotas_waits_until_enough_is_free(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    hold = "import time; time.sleep(60)"
    sagemaker.create_processing_job(ProcessingJobName="short-holder", **processing(python(hold), **on(SCARCE)))
    policy = {"ExceptionType": ["SageMaker.RESOURCE_LIMIT"], "IntervalSeconds": 1, "MaxAttempts": 60, "BackoffRate": 1}
    arn = begin(cloud_server, "short-quota-wait", step(SCARCE, policy))
    eventually(lambda: any(work["AttemptCount"] > 1 for work in steps_of(cloud_server, arn)), 30, "a second attempt")

    sagemaker.stop_processing_job(ProcessingJobName="short-holder")

    assert ended(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded"


def test_a_quota_without_a_policy_fails_the_step_with_aws_words(cloud_server: CloudServer) -> None:
    say(cloud_server, {"quotas": {SCARCE: 0}})

    _, (work,) = run(cloud_server, "short-quota-none", step(SCARCE, PASSED_ON))

    assert f"The account-level service limit '{SCARCE} for processing job usage' is 0" in work["FailureReason"]
    assert work["AttemptCount"] == 1


def test_what_is_wrong_with_a_request_is_not_tried_again(cloud_server: CloudServer) -> None:
    wrong = step(THERE, {"ExceptionType": ["Step.SERVICE_FAULT"], "IntervalSeconds": 30, "MaxAttempts": 5})
    wrong["Arguments"]["ProcessingInputs"] = [{"InputName": "data"}]
    began = time.monotonic()

    found, (work,) = run(cloud_server, "short-wrong", wrong)

    assert (found["PipelineExecutionStatus"], work["AttemptCount"]) == ("Failed", 1)
    assert time.monotonic() - began < 20


def test_a_tuning_job_takes_the_first_of_its_machines_that_there_are(cloud_server: CloudServer) -> None:
    s3, sagemaker = bucket(cloud_server, "short-tuning"), cloud_server.client("sagemaker")
    s3.put_object(Bucket="short-tuning", Key="train/rows.csv", Body=rows(80))
    inputs = [
        {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": {
            "S3DataType": "S3Prefix", "S3Uri": "s3://short-tuning/train"}}} for name in ("train", "validation")
    ]  # fmt: skip
    one = training("s3://short-tuning/out", inputs, {})
    machines = [{"InstanceType": kind, "InstanceCount": 1, "VolumeSizeInGB": 30} for kind in (GONE, THERE)]
    job = {name: one[name] for name in ("AlgorithmSpecification", "RoleArn", "OutputDataConfig", "StoppingCondition",
                                        "InputDataConfig")} | {
        "StaticHyperParameters": {"num_round": "2", "objective": "binary:logistic", "eval_metric": "logloss"},
        "HyperParameterTuningResourceConfig": {"InstanceConfigs": machines, "AllocationStrategy": "Prioritized"},
    }  # fmt: skip
    config = {
        "Strategy": "Random",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
        "ParameterRanges": {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "5"}]},
    }

    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="short-tuning", HyperParameterTuningJobConfig=config, TrainingJobDefinition=job
    )

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName="short-tuning"
        )
        return found if found["HyperParameterTuningJobStatus"] in ENDED else None

    found = eventually(look, 60, "the end of the tuning job")
    best = sagemaker.describe_training_job(TrainingJobName=found["BestTrainingJob"]["TrainingJobName"])
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert best["ResourceConfig"]["InstanceType"] == THERE


def test_an_endpoint_without_capacity_fails_and_says_so(cloud_server: CloudServer) -> None:
    sagemaker = cloud_server.client("sagemaker")
    s3 = bucket(cloud_server, "short-endpoint")
    s3.put_object(Bucket="short-endpoint", Key="model.tar.gz", Body=b"")
    image = {"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
             "ModelDataUrl": "s3://short-endpoint/model.tar.gz"}  # fmt: skip
    sagemaker.create_model(ModelName="short-model", PrimaryContainer=image, ExecutionRoleArn=ROLE)
    for name, kind in (("short-gone", GONE), ("short-scarce", SCARCE)):
        variant = {"VariantName": "AllTraffic", "ModelName": "short-model", "InstanceType": kind,
                   "InitialInstanceCount": 2}  # fmt: skip
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="short-endpoint", EndpointConfigName="short-gone")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName="short-endpoint")
        return found if found["EndpointStatus"] != "Creating" else None

    found = eventually(look, 30, "the endpoint's end")
    with pytest.raises(ClientError, match=f"'{SCARCE} for endpoint usage' is 1 Instances.*request delta of 2"):
        sagemaker.create_endpoint(EndpointName="short-endpoint-2", EndpointConfigName="short-scarce")

    assert found["EndpointStatus"] == "Failed"
    assert "due to InsufficientInstanceCapacity error" in found["FailureReason"]
    sagemaker.delete_endpoint(EndpointName="short-endpoint")


def test_the_page_of_capacity_says_what_holds_and_refuses_what_is_no_type(cloud_server: CloudServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        say(cloud_server, {"no_capacity": ["m5.xlarge"]})

    assert refused.value.code == 400
    assert "did you mean ml.m5.xlarge?" in json.load(refused.value)["message"]
    assert cloud_server.page("capacity") == {"no_capacity": [GONE], "quotas": {SCARCE: 1}}


def test_an_instance_type_that_there_is_not_is_refused_when_it_is_asked_for(cloud_server: CloudServer) -> None:
    variant = {"VariantName": "AllTraffic", "ModelName": "any", "InstanceType": "banana", "InitialInstanceCount": 1}

    with pytest.raises(ClientError, match=r"Value 'banana' at '\S+\.instanceType' failed to satisfy constraint"):
        process(cloud_server, "short-banana", "print(1)", **on("banana"))
    with pytest.raises(ClientError, match="Value 'banana'"):
        cloud_server.client("sagemaker").create_endpoint_config(EndpointConfigName="b", ProductionVariants=[variant])


def test_service_quotas_tells_what_holds_here(cloud_server: CloudServer) -> None:
    client = cloud_server.client("service-quotas")
    scarce, plenty = f"{SCARCE} for endpoint usage", f"{THERE} for spot training job usage"

    found = quotas.read(client, {scarce, plenty})

    assert [found[scarce][1], found[plenty][1] > 1000] == [1, True]
    alone = client.get_service_quota(ServiceCode="sagemaker", QuotaCode=found[scarce][0])["Quota"]
    assert (alone["QuotaName"], alone["Value"]) == (scarce, 1)
    with pytest.raises(ClientError, match="ec2 does not exist") as unknown:
        client.list_service_quotas(ServiceCode="ec2")
    assert unknown.value.response["Error"]["Code"] == "NoSuchResourceException"


def test_who_lacks_a_quota_of_spot_instances_is_told_of_the_other_way(cloud_server: CloudServer) -> None:
    say(cloud_server, {"quotas": {"ml.m5.xlarge": 0}})
    churn = own_models.load("churn")

    found = quotas.check(Target(cloud_server.url), [{**churn, "spot": True}])
    without = quotas.check(Target(cloud_server.url), [{**churn, "spot": False}])

    assert "or write spot: false in the model file, and publish" in quotas.render_text(found)
    assert "spot" not in quotas.render_text(without)


def test_a_person_is_told_which_quotas_lack_and_what_requests_them(cloud_server: CloudServer) -> None:
    say(cloud_server, {"quotas": {"ml.m5.large": 1}})

    found = examination.examine(Target(cloud_server.url), [own_models.load("churn")])

    (lacks,) = found.quotas.missing
    assert (lacks.need.quota, lacks.need.instances, lacks.value) == ("ml.m5.large for endpoint usage", 2, 1)
    assert f"--quota-code {lacks.code} --desired-value 2 --region us-east-1" in examination.render_text(found)
    assert not found.good
