"""What may be asked of SageMaker, in an order in which each answer has its members."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cloud import eventually
from sagemaker_requests import ROLE, bucket, channel, definition, rows, training
from sagemaker_resources import FAIL, FULL, STORE, own_training, script_model, variant

NAME = "all-answers"
TAGS = [{"Key": "team", "Value": "ml"}]
GROUP = {"ModelPackageGroupName": f"{NAME}-group"}
CALLBACK = {
    "Name": "Ask", "Type": "Callback", "SqsQueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/all-answers",
    "OutputParameters": [], "Arguments": {},
}  # fmt: skip
JOBS = ("processing_job", "training_job", "transform_job")
OVER = ("Completed", "Failed", "Stopped")


def camel(kind: str) -> str:
    """processing_job -> ProcessingJob."""
    return "".join(part.title() for part in kind.split("_"))


def sagemaker(ask: Any) -> None:
    bucket(ask.cloud, STORE).put_object(Bucket=STORE, Key="nothing/rows.csv", Body=b"1\n")
    script_model(ask.cloud)
    arns = _resources(ask)
    _jobs(ask)
    _registry(ask)
    _endpoints(ask)
    _pipelines(ask)
    _tuning(ask)
    _lineage(ask)
    ask("AddTags", ResourceArn=arns[0], Tags=TAGS)
    ask("ListTags", ResourceArn=arns[0])
    ask("DeleteTags", ResourceArn=arns[0], TagKeys=["team"])
    for kind in ("model", "endpoint_config", "model_package", "model_package_group"):
        ask(f"Delete{camel(kind)}", **{FULL[kind][0]: NAME})
    ask("DeletePipeline", PipelineName=NAME)


def _resources(ask: Any) -> list[str]:
    arns = []
    for kind, (name, make) in FULL.items():
        request = make(ask.cloud) | {name: NAME}
        if kind == "training_job":
            request = own_training("print('hello')") | {name: NAME}
        answer = ask(f"Create{camel(kind)}", **request)
        arns += [value for member, value in answer.items() if member.endswith("Arn")]
        if kind != "model_package":
            ask(f"List{camel(kind)}s", SortBy="CreationTime")
    for kind, (name, _) in FULL.items():
        ask(f"Describe{camel(kind)}", **{name: NAME})
    return arns


def _jobs(ask: Any) -> None:
    for kind in JOBS:
        name = {f"{camel(kind)}Name": NAME}
        eventually(lambda: ask(f"Describe{camel(kind)}", **name)[f"{camel(kind)}Status"] in OVER, 60)  # noqa: B023
        ask(f"Stop{camel(kind)}", **name)
        ask(f"List{camel(kind)}s", NameContains=NAME)
    failing = own_training("raise SystemExit(1)") | {"TrainingJobName": f"{NAME}-fails"}
    ask("CreateTrainingJob", **failing)
    own = {"TrainingJobName": f"{NAME}-fails"}
    eventually(lambda: ask("DescribeTrainingJob", **own)["TrainingJobStatus"] == "Failed", 60)


def _registry(ask: Any) -> None:
    ask("CreateModelPackageGroup", **GROUP, ModelPackageGroupDescription="d")
    specification = FULL["model_package"][1](ask.cloud)["InferenceSpecification"]
    made = ask("CreateModelPackage", **GROUP, InferenceSpecification=specification, ModelPackageDescription="d")
    arn = made["ModelPackageArn"]
    ask("UpdateModelPackage", ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="d")
    ask("DescribeModelPackage", ModelPackageName=arn)
    ask("ListModelPackages", **GROUP)
    ask("ListModelPackages", ModelPackageType="Both")
    ask("ListModelPackageGroups")
    ask("BatchDescribeModelPackage", ModelPackageArnList=[arn, arn.replace("/1", "/9")])


def _endpoints(ask: Any) -> None:
    own = {"EndpointName": NAME}
    config = {"EndpointConfigName": f"{NAME}-serving"}
    ask("CreateEndpointConfig", **config, ProductionVariants=[variant("a", script_model(ask.cloud))])
    ask("CreateEndpoint", **own, **config)
    eventually(lambda: ask("DescribeEndpoint", **own)["EndpointStatus"] == "InService", 60)
    ask("ListEndpoints")
    weights = [{"VariantName": "a", "DesiredWeight": 2.0}]
    ask("UpdateEndpointWeightsAndCapacities", **own, DesiredWeightsAndCapacities=weights)
    eventually(lambda: ask("DescribeEndpoint", **own)["EndpointStatus"] == "InService", 60)
    ask("UpdateEndpoint", **own, **config)
    eventually(lambda: ask("DescribeEndpoint", **own)["EndpointStatus"] == "InService", 60)
    ask("DeleteEndpoint", **own)


def _pipelines(ask: Any) -> None:
    own = {"PipelineName": NAME}
    document = definition(FAIL, parameters=[{"Name": "A", "Type": "String", "DefaultValue": "0"}])
    ask("UpdatePipeline", **own, PipelineDefinition=document, RoleArn=ROLE)
    ask("DescribePipeline", **own)
    versions = ask("ListPipelineVersions", **own)["PipelineVersionSummaries"]
    arn = ask("DescribePipeline", **own)["PipelineArn"]
    ask("UpdatePipelineVersion", PipelineArn=arn, PipelineVersionId=versions[0]["PipelineVersionId"],
        PipelineVersionDisplayName="first", PipelineVersionDescription="d")  # fmt: skip
    ask("ListPipelineVersions", **own)
    started = ask("StartPipelineExecution", **own, PipelineExecutionDisplayName="one", PipelineExecutionDescription="d",
        PipelineParameters=[{"Name": "A", "Value": "1"}])  # fmt: skip
    run = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
    eventually(lambda: ask("DescribePipelineExecution", **run)["PipelineExecutionStatus"] == "Failed", 60)
    ask("UpdatePipelineExecution", **run, PipelineExecutionDescription="e")
    ask("ListPipelineExecutions", **own)
    ask("ListPipelineExecutionSteps", **run)
    ask("ListPipelineParametersForExecution", **run)
    ask("DescribePipelineDefinitionForExecution", **run)
    ask("RetryPipelineExecution", **run)
    ask("ListPipelines")
    _callbacks(ask)


def _callbacks(ask: Any) -> None:
    sqs = ask.other("sqs")
    queue = sqs.create_queue(QueueName=NAME)["QueueUrl"]
    sent = definition(CALLBACK | {"SqsQueueUrl": queue}, CALLBACK | {"SqsQueueUrl": queue, "Name": "Other"})
    own = {"PipelineName": f"{NAME}-asks"}
    ask("CreatePipeline", **own, PipelineDefinition=sent, RoleArn=ROLE)
    run = {"PipelineExecutionArn": ask("StartPipelineExecution", **own)["PipelineExecutionArn"]}
    first, second = _tokens(sqs, queue)
    ask("SendPipelineExecutionStepSuccess", CallbackToken=first)
    ask("SendPipelineExecutionStepFailure", CallbackToken=second, FailureReason="no")
    eventually(lambda: ask("DescribePipelineExecution", **run)["PipelineExecutionStatus"] == "Failed", 60)
    ask("ListPipelineExecutionSteps", **run)
    again = {"PipelineExecutionArn": ask("StartPipelineExecution", **own)["PipelineExecutionArn"]}
    waiting = _tokens(sqs, queue)
    ask("StopPipelineExecution", **again)
    for token in waiting:  # a callback is asked to stop, and has to answer
        ask("SendPipelineExecutionStepFailure", CallbackToken=token)
    eventually(lambda: ask("DescribePipelineExecution", **again)["PipelineExecutionStatus"] == "Stopped", 60)
    ask("DeletePipeline", **own)


def _tokens(sqs: Any, queue: str) -> list[str]:
    """Of both steps that ask."""
    tokens: list[str] = []

    def both() -> bool:
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MaxNumberOfMessages=2).get("Messages", [])
        tokens.extend(str(json.loads(one["Body"])["token"]) for one in found)
        return len(tokens) == 2

    eventually(both, 60)
    return tokens


def _tuning(ask: Any) -> None:
    ask.other("s3").put_object(Bucket=STORE, Key="train/rows.csv", Body=rows(60))
    channels = [channel("train", f"s3://{STORE}/train/"), channel("validation", f"s3://{STORE}/train/")]
    static = {"objective": "binary:logistic", "num_round": "2"}
    job = training(f"s3://{STORE}/out", channels, {})
    del job["HyperParameters"]
    ranges = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
    own = {"HyperParameterTuningJobName": "answers-tuned"}
    ask("CreateHyperParameterTuningJob", **own, HyperParameterTuningJobConfig={
        "Strategy": "Random", "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
        "ParameterRanges": ranges,
    }, TrainingJobDefinition={**job, "StaticHyperParameters": static})  # fmt: skip
    over = "HyperParameterTuningJobStatus"
    eventually(lambda: ask("DescribeHyperParameterTuningJob", **own)[over] == "Completed", 120)
    ask("ListHyperParameterTuningJobs")
    (trial,) = ask("ListTrainingJobsForHyperParameterTuningJob", **own)["TrainingJobSummaries"]
    ask("DescribeTrainingJob", TrainingJobName=trial["TrainingJobName"])
    ask("StopHyperParameterTuningJob", **own)


def _lineage(ask: Any) -> None:
    asked = {"CreatedAfter": datetime.now(UTC) - timedelta(days=1)}
    ask("ListAssociations", **asked)
    artifact = ask("ListArtifacts", **asked)["ArtifactSummaries"][0]
    ask("DescribeArtifact", ArtifactArn=artifact["ArtifactArn"])
    context = ask("ListContexts", **asked)["ContextSummaries"][0]
    ask("DescribeContext", ContextName=context["ContextName"])
    action = ask("ListActions", **asked)["ActionSummaries"][0]
    ask("DescribeAction", ActionName=action["ActionName"])
    component = ask("ListTrialComponents", **asked)["TrialComponentSummaries"][0]
    ask("DescribeTrialComponent", TrialComponentName=component["TrialComponentName"])


def sagemakerruntime(ask: Any) -> None:
    runtime, own = ask, {"EndpointName": "answers-runtime"}
    control = ask.other("sagemaker")
    name = script_model(ask.cloud)
    control.create_endpoint_config(EndpointConfigName="answers-runtime", ProductionVariants=[variant("a", name)])
    control.create_endpoint(**own, EndpointConfigName="answers-runtime")
    eventually(lambda: control.describe_endpoint(**own)["EndpointStatus"] == "InService", 60)
    runtime("InvokeEndpoint", **own, Body=b"1", ContentType="text/csv", CustomAttributes="a")
    control.delete_endpoint(**own)


def applicationautoscaling(ask: Any) -> None:
    control, own = ask.other("sagemaker"), {"EndpointName": "answers-scaled"}
    name = script_model(ask.cloud)
    control.create_endpoint_config(EndpointConfigName="answers-scaled", ProductionVariants=[variant("a", name)])
    control.create_endpoint(**own, EndpointConfigName="answers-scaled")
    space = {"ServiceNamespace": "sagemaker"}
    what = {
        **space, "ResourceId": "endpoint/answers-scaled/variant/a",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }  # fmt: skip
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    tracking = {"TargetValue": 100.0, "PredefinedMetricSpecification": metric}
    ask("RegisterScalableTarget", **what, MinCapacity=1, MaxCapacity=2)
    ask(
        "PutScalingPolicy", **what, PolicyName="p", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
    )  # fmt: skip
    ask("DescribeScalableTargets", **space)
    ask("DescribeScalingPolicies", **space)
    ask("DeleteScalingPolicy", **what, PolicyName="p")
    ask("DeregisterScalableTarget", **what)
    control.delete_endpoint(**own)
