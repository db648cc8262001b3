"""Two stacks side by side, one's name the beginning of the other's: neither hears, changes or tells of the other's.

The second has a key of its own, a budget, and subnets for its jobs, so that those ways are gone as well.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from waiting import eventually

from cli.stack import registry
from cli.stack.deploy import TEMPLATE, deploy
from cli.stack.publishing import publish
from cli.stack.target import Target

PARAMETERS = {
    "QuietSeconds": "1",
    "BakeSeconds": "0",
    "EncryptionKey": "create",
    "MonthlyBudget": "100",
    "AlarmEmail": "oncall@example.com",
    "SubnetIds": "subnet-0a1b2c3d,subnet-4e5f6a7b",
    "SecurityGroupIds": "sg-0a1b2c3d",
    "NetworkIsolation": "true",
}
STARTED = re.compile(r"START RequestId: (\S+) ")


@pytest.fixture(scope="module")
def pair(stack: Any, deployed: Any, stack_of: Callable[[str], Any]) -> tuple[Any, Any]:
    """The stack that all tests share, which serves a version, and ``retrain-x`` beside it."""
    other = stack_of("retrain-x")
    deploy(other.target, TEMPLATE, PARAMETERS)
    publish(other.target, "churn", {"AccuracyThreshold": "0.5"})
    return stack, other


def executions(stack: Any) -> set[str]:
    machine = stack.outputs["StateMachineArn"]
    found = stack.target.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return {one["name"] for one in found}


def functions(stack: Any) -> list[str]:
    found = stack.target.client("cloudformation").list_stack_resources(StackName=stack.name)["StackResourceSummaries"]
    return [one["PhysicalResourceId"] for one in found if one["ResourceType"] == "AWS::Lambda::Function"]


def invocations(stack: Any) -> dict[str, str]:
    """What each invocation of the stack's functions wrote to its log, by request; none is under way any more."""
    found: dict[str, str] = {}

    def ended() -> bool:
        found.update(said_by_request(stack))
        return all("END RequestId" in said for said in found.values())

    eventually(ended, 30, "every invocation that began has ended")
    return found


def said_by_request(stack: Any) -> dict[str, str]:
    logs, said = stack.target.client("logs").get_paginator("filter_log_events"), dict[str, str]()
    for name in functions(stack):
        group = stack.target.client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
        request: dict[str, str] = {}  # of each stream: the one whose lines follow
        for event in (event for page in logs.paginate(logGroupName=group) for event in page["events"]):
            stream, line = event["logStreamName"], event["message"]
            if started := STARTED.match(line):
                request[stream] = f"{name} {started[1]}"
            if stream in request:  # what a process says of its own start is of no request
                said[request[stream]] = said.get(request[stream], "") + line
    return said


def foreign_to(stack: Any, before: dict[str, str], other: Any) -> list[str]:
    """What was invoked since then and speaks not of this stack alone, as what its clock began a moment before does."""
    since = [said for request, said in invocations(stack).items() if request not in before]
    return [said for said in since if f"{stack.name}--" not in said or f"{other.name}--" in said]


@contextmanager
def without_clock(stack: Any) -> Iterator[None]:
    """Nothing comes by the clock meanwhile, so that whatever is invoked is invoked by an event."""
    events = stack.target.client("events")
    rules = events.list_rule_names_by_target
    due = [name for one in functions(stack) if "Reconcile" in one for name in rules(TargetArn=arn(one))["RuleNames"]]
    for name in due:
        events.disable_rule(Name=name)
    yield
    for name in due:
        events.enable_rule(Name=name)


def arn(function: str) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:function:{function}"


def ledger(stack: Any) -> list[str]:
    items = stack.target.client("dynamodb").scan(TableName=stack.outputs["LedgerTableName"])["Items"]
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def mailbox(stack: Any, name: str) -> str:
    sqs = stack.target.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for topic in ("NotificationTopicArn", "AlarmTopicArn"):
        stack.target.client("sns").subscribe(TopicArn=stack.outputs[topic], Protocol="sqs", Endpoint=arn)
    return str(url)


def endpoint(target: Target, name: str) -> dict[str, Any]:
    found: dict[str, Any] = target.client("sagemaker").describe_endpoint(EndpointName=name)
    return {key: found[key] for key in ("EndpointConfigName", "EndpointStatus", "LastModifiedTime")}


def test_a_whole_run_of_one_stack_leaves_the_other_as_it_was(pair: tuple[Any, Any]) -> None:
    first, other = pair
    letters = mailbox(first, "letters-of-the-first")

    with without_clock(first):
        heard = invocations(first)
        before = executions(first), ledger(first), endpoint(first.target, "retrain--churn")
        run = other.awaiting(other.send(other.csv("other.csv", rows=1500, seed=61)).run)
        other.approve(run)
        ended = other.run(run.id)
        foreign = foreign_to(first, heard, other)

    assert heard != {}
    assert foreign == []  # not one function of the first was even invoked by what the other did
    assert str(ended.status) == "Deployed"
    assert ended.endpoint == "retrain-x--churn"
    assert executions(other) == {run.id}
    assert (executions(first), ledger(first), endpoint(first.target, "retrain--churn")) == before
    assert first.target.client("sqs").receive_message(QueueUrl=letters).get("Messages", []) == []


def test_and_the_other_way_round(pair: tuple[Any, Any]) -> None:
    first, other = pair
    with without_clock(other):
        heard = invocations(other)
        run = first.awaiting(first.send(first.csv("again.csv", rows=900, seed=62)).run)
        registry.decide(first.target, "churn", run.version, "Rejected", "only asked")
        ended = first.run(run.id)
        foreign = foreign_to(other, heard, first)

    assert heard != {}
    assert foreign == []
    assert str(ended.status) == "Rejected by reviewer"


def test_what_is_kept_is_encrypted_by_the_stacks_own_key(pair: tuple[Any, Any]) -> None:
    target, outputs = pair[1].target, pair[1].outputs
    found = target.client("cloudformation").describe_stack_resource(StackName="retrain-x", LogicalResourceId="StackKey")
    key = found["StackResourceDetail"]["PhysicalResourceId"]
    rule = target.client("s3").get_bucket_encryption(Bucket=outputs["DataBucketName"])
    queue = target.client("sqs").get_queue_attributes(QueueUrl=outputs["ArrivalsQueueUrl"], AttributeNames=["All"])
    topic = target.client("sns").get_topic_attributes(TopicArn=outputs["NotificationTopicArn"])["Attributes"]
    table = target.client("dynamodb").describe_table(TableName=outputs["LedgerTableName"])["Table"]

    default = rule["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["KMSMasterKeyID"].endswith(key)
    assert queue["Attributes"]["KmsMasterKeyId"].endswith(key)
    assert topic["KmsMasterKeyId"].endswith(key)
    assert table["SSEDescription"]["KMSMasterKeyArn"].endswith(key)


def test_models_that_are_served_lie_in_the_stacks_network_and_carry_its_tag(pair: tuple[Any, Any]) -> None:
    sagemaker = pair[1].target.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName="retrain-x--churn")["EndpointConfigName"]
    model = sagemaker.describe_model(ModelName=config)
    arn = sagemaker.describe_endpoint(EndpointName="retrain-x--churn")["EndpointArn"]
    tags = {tag["Key"]: tag["Value"] for tag in sagemaker.list_tags(ResourceArn=arn)["Tags"]}

    assert model["EnableNetworkIsolation"] is True
    assert model["VpcConfig"] == {
        "Subnets": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
        "SecurityGroupIds": ["sg-0a1b2c3d"],
    }
    assert tags == {"app": "retrain", "retrain-stack": "retrain-x"}


def test_jobs_lie_there_too(pair: tuple[Any, Any]) -> None:
    target = pair[1].target
    sagemaker, execution = target.client("sagemaker"), pair[1].runs()[0].pipeline_execution_arn
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=execution)["PipelineExecutionSteps"]
    arns = {step["StepName"]: next(iter(step["Metadata"].values())).get("Arn") for step in steps if step["Metadata"]}
    training = sagemaker.describe_training_job(TrainingJobName=arns["Train"].rsplit("/", 1)[1])
    processing = sagemaker.describe_processing_job(ProcessingJobName=arns["Preprocess"].rsplit("/", 1)[1])

    assert training["EnableNetworkIsolation"] is True
    assert training["VpcConfig"]["SecurityGroupIds"] == ["sg-0a1b2c3d"]
    assert processing["NetworkConfig"]["VpcConfig"]["Subnets"] == ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]
    assert {"Key": "retrain-stack", "Value": "retrain-x"} in sagemaker.list_tags(ResourceArn=arns["Train"])["Tags"]


def test_a_served_configuration_is_guarded_by_alarms_in_microseconds(pair: tuple[Any, Any]) -> None:
    target = pair[1].target
    config = target.client("sagemaker").describe_endpoint(EndpointName="retrain-x--churn")["EndpointConfigName"]
    found = target.client("cloudwatch").describe_alarms(AlarmNamePrefix=config)["MetricAlarms"]
    alarms = {one["MetricName"]: (one["Threshold"], one["AlarmActions"]) for one in found}

    topic = pair[1].outputs["AlarmTopicArn"]
    assert alarms == {"Invocation5XXErrors": (0.05, [topic]), "ModelLatency": (1_000_000.0, [topic])}


def test_runs_and_verdicts_are_counted_by_stack(pair: tuple[Any, Any]) -> None:
    cloudwatch = pair[1].target.client("cloudwatch")
    where = [{"Name": "Stack", "Value": "retrain-x"}]
    found = cloudwatch.list_metrics(Namespace="Retrain", Dimensions=where)["Metrics"]
    counted = {(one["MetricName"], *sorted(d["Value"] for d in one["Dimensions"])) for one in found}

    assert {("RunsEnded", "Deployed", "retrain-x"), ("GatesPassed", "churn", "retrain-x")} <= counted
