"""Stacks within stacks, resources that a function makes, SageMaker's endpoints in a template, and what is refused."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from sagemaker_requests import ROLE, bucket
from sagemaker_resources import script_model
from stacks import Stacks

pytestmark = pytest.mark.timeout(900)
STORE = "nested-templates"
KEYS = itertools.count(1)
CUSTOM = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Given: {Type: String, Default: one}
Resources:
  Maker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Timeout: 30
      Environment: {Variables: {BUCKET: nested-templates}}
      Policies: [AmazonS3FullAccess]
      InlineCode: |
        import json, os, boto3, urllib.request
        def handler(event, context):
            given = event["ResourceProperties"]
            key = f"asked/{event['StackId'].split('/')[1]}/{event['RequestType']}"
            boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=key, Body=json.dumps(event))
            if given["What"] == "raise":
                raise ValueError("broken")
            failed = given["What"] == "fail" and event["RequestType"] != "Delete"
            answer = {
                "Status": "FAILED" if failed else "SUCCESS", "Reason": "it is full",
                "PhysicalResourceId": f"thing-{given['What']}", "RequestId": event["RequestId"],
                "StackId": event["StackId"], "LogicalResourceId": event["LogicalResourceId"],
                "Data": {"Size": 7, "Said": given["What"]},
            }
            body = json.dumps(answer).encode()
            sent = urllib.request.Request(event["ResponseURL"], body, {"Content-Type": ""}, method="PUT")
            urllib.request.urlopen(sent).read()
  Thing:
    Type: Custom::Thing
    Properties: {ServiceToken: !GetAtt Maker.Arn, What: !Ref Given, Count: 3, Sure: true}
Outputs:
  Thing: {Value: !Ref Thing}
  Said: {Value: !GetAtt Thing.Said}
"""


@pytest.fixture(scope="module")
def stacks(cloud_server: CloudServer) -> Stacks:
    bucket(cloud_server, STORE)
    return Stacks(cloud_server)


def given(value: str) -> dict[str, Any]:
    return {"Parameters": [{"ParameterKey": "Given", "ParameterValue": value}]}


def asked(stacks: Stacks, stack: str, kind: str) -> Any:
    key = f"asked/{stack.split('/')[1]}/{kind}"
    return json.loads(stacks.cloud.client("s3").get_object(Bucket=STORE, Key=key)["Body"].read())


def status(stacks: Stacks, stack: str) -> str:
    return str(stacks.rest(stack)["StackStatus"])


def reasons(stacks: Stacks, stack: str) -> str:
    events = stacks.api.describe_stack_events(StackName=stack)["StackEvents"]
    return " ".join(one.get("ResourceStatusReason", "") for one in events)


def uploaded(stacks: Stacks, template: Any) -> str:
    """Where a template lies, as ``sam package`` leaves a nested one."""
    key = f"{next(KEYS)}.template"
    body = template if isinstance(template, str) else json.dumps(template)
    stacks.cloud.client("s3").put_object(Bucket=STORE, Key=key, Body=body)
    return f"https://s3.us-east-1.amazonaws.com/{STORE}/{key}"


def test_a_custom_resource_is_what_its_function_says(stacks: Stacks) -> None:
    stack = stacks.deploy(CUSTOM)

    assert stacks.outputs(stack) == {"Thing": "thing-one", "Said": "one"}
    event = asked(stacks, stack, "Create")
    assert (event["ResourceType"], event["LogicalResourceId"], event["StackId"]) == ("Custom::Thing", "Thing", stack)
    properties = {key: value for key, value in event["ResourceProperties"].items() if key != "ServiceToken"}
    assert properties == {"What": "one", "Count": "3", "Sure": "true"}


def test_a_changed_custom_resource_is_updated_and_its_former_self_deleted(stacks: Stacks) -> None:
    stack = stacks.deploy(CUSTOM)
    stacks.deploy(CUSTOM, stack, **given("two"))

    update, gone = asked(stacks, stack, "Update"), asked(stacks, stack, "Delete")
    assert stacks.outputs(stack) == {"Thing": "thing-two", "Said": "two"}
    assert (update["PhysicalResourceId"], update["OldResourceProperties"]["What"]) == ("thing-one", "one")
    assert (gone["PhysicalResourceId"], gone["ResourceProperties"]["What"]) == ("thing-one", "one")


def test_a_custom_resource_that_fails_ends_the_stack_with_its_reason(stacks: Stacks) -> None:
    stack = stacks.deploy(CUSTOM, **given("fail"))

    assert status(stacks, stack) == "ROLLBACK_COMPLETE"
    assert "Received response status [FAILED] from custom resource. Message returned: it is full" in reasons(
        stacks, stack
    )
    assert asked(stacks, stack, "Delete")["PhysicalResourceId"] == "thing-fail"


def test_a_custom_resource_whose_function_dies_does_not_keep_the_stack_for_an_hour(stacks: Stacks) -> None:
    stack = stacks.deploy(CUSTOM, **given("raise"))

    assert status(stacks, stack) == "ROLLBACK_COMPLETE"
    assert "did not receive a response from your Custom Resource" in reasons(stacks, stack)
    assert "broken" in reasons(stacks, stack)


def answered_by(code: str) -> str:
    """A custom resource whose function is this inline code."""
    function = {"Runtime": "python3.13", "Handler": "index.handler", "Timeout": 30, "InlineCode": code}
    return json.dumps({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Maker": {"Type": "AWS::Serverless::Function", "Properties": function},
            "Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Maker", "Arn"]}}},
        },
        "Outputs": {"Thing": {"Value": {"Ref": "Thing"}}, "Said": {"Value": {"Fn::GetAtt": ["Thing", "Said"]}}},
    })  # fmt: skip


def test_inline_code_has_the_module_that_aws_adds_to_it(stacks: Stacks) -> None:
    code = """
import cfnresponse
def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Said": "seven"}, "thing-seven")
"""

    assert stacks.outputs(stacks.deploy(answered_by(code))) == {"Thing": "thing-seven", "Said": "seven"}


def test_a_function_that_answers_over_https_whatever_the_url_says_is_told_of_by_name(stacks: Stacks) -> None:
    code = """
import http.client, json, urllib.parse
def handler(event, context):
    url = urllib.parse.urlsplit(event["ResponseURL"])
    http.client.HTTPSConnection(url.netloc, timeout=20).request("PUT", f"{url.path}?{url.query}", "{}")
"""

    stack = stacks.deploy(answered_by(code))

    assert status(stacks, stack) == "ROLLBACK_COMPLETE"
    assert "somebody spoke TLS to the local cloud, whose ResponseURL is one of http" in reasons(stacks, stack)


QUEUE = {
    "Parameters": {"Seconds": {"Type": "Number"}},
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": {"Ref": "Seconds"}}}},
    "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
}


def nesting(url: str, seconds: int = 9, kind: str = "AWS::Serverless::Application") -> str:
    where = {"Location": url} if kind == "AWS::Serverless::Application" else {"TemplateURL": url}
    return json.dumps({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Inner": {"Type": kind, "Properties": {**where, "Parameters": {"Seconds": seconds}}}},
        "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Inner", "Outputs.Url"]}}, "Stack": {"Value": {"Ref": "Inner"}}},
    })  # fmt: skip


@pytest.mark.parametrize("kind", ["AWS::Serverless::Application", "AWS::CloudFormation::Stack"])
def test_a_nested_stack_is_made_changed_and_taken_away_with_its_parent(stacks: Stacks, kind: str) -> None:
    url = uploaded(stacks, QUEUE)
    stack = stacks.deploy(nesting(url, kind=kind))
    made = stacks.outputs(stack)
    inner = stacks.rest(made["Stack"])
    before = stacks.visibility(made["Url"])
    stacks.deploy(nesting(url, 11, kind), stack)
    after = stacks.visibility(made["Url"])
    stacks.api.delete_stack(StackName=stack)

    assert inner["StackName"].startswith(f"{stack.split('/')[1]}-Inner-")
    assert (before, after) == ("9", "11")
    assert (status(stacks, stack), status(stacks, made["Stack"])) == ("DELETE_COMPLETE", "DELETE_COMPLETE")


def test_a_nested_stack_that_fails_takes_its_parent_back_and_is_gone(stacks: Stacks) -> None:
    broken = {"Resources": {"Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
        "Queues": ["https://sqs.us-east-1.amazonaws.com/123456789012/nobody"], "PolicyDocument": {}}}}}  # fmt: skip
    template = {"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {
        "TemplateURL": uploaded(stacks, broken)}}}}  # fmt: skip
    stack = stacks.deploy(template)

    assert status(stacks, stack) == "ROLLBACK_COMPLETE"
    assert "was not successfully created: Policy: " in reasons(stacks, stack)
    live = {one["StackName"] for one in stacks.api.describe_stacks()["Stacks"]}
    assert not [name for name in live if name.startswith(f"{stack.split('/')[1]}-Inner-")]


def test_an_application_of_the_repository_is_refused_by_name(stacks: Stacks) -> None:
    location = {"ApplicationId": "arn:aws:serverlessrepo:us-east-1:123456789012:applications/x"}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Inner": {"Type": "AWS::Serverless::Application", "Properties": {
            "Location": {**location, "SemanticVersion": "1.0.0"}}}},
    }  # fmt: skip

    assert "Serverless Application Repository" in refused(stacks, template)


def test_an_endpoint_of_a_template_serves_when_its_stack_is_there(stacks: Stacks) -> None:
    sagemaker = stacks.cloud.client("sagemaker")
    described = sagemaker.describe_model(ModelName=script_model(stacks.cloud))["PrimaryContainer"]
    container = {key: described[key] for key in ("Image", "ModelDataUrl", "Environment")}
    variant = {"VariantName": "AllTraffic", "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
               "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": "1"}  # fmt: skip
    config = {"Fn::GetAtt": ["Config", "EndpointConfigName"]}
    stack = stacks.deploy({
        "Resources": {
            "Model": {"Type": "AWS::SageMaker::Model", "Properties": {
                "ExecutionRoleArn": ROLE, "PrimaryContainer": container}},
            "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
            "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": config}},
        },
        "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}}},
    })  # fmt: skip
    name = stacks.outputs(stack)["Name"]
    runtime = stacks.cloud.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body="1")["Body"].read()
    stacks.api.delete_stack(StackName=stack)

    assert answer
    assert status(stacks, stack) == "DELETE_COMPLETE"
    assert name not in [one["EndpointName"] for one in sagemaker.list_endpoints()["Endpoints"]]


@pytest.mark.parametrize(("properties", "named"), [
    ({"Runtime": "nodejs22.x", "Handler": "index.handler", "InlineCode": "x"}, "the runtime nodejs22.x is not run"),
    ({"Runtime": "java21", "Handler": "a::b", "CodeUri": "s3://bucket/key"}, "the runtime java21 is not run"),
    ({"Runtime": "python3.13", "Handler": "index.handler", "InlineCode": "x", "FileSystemConfigs": [
        {"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1", "LocalMountPath": "/mnt/x"}]},
     "FileSystemConfigs: the local cloud has no file systems"),
    ({"PackageType": "Image", "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"}, "container image"),
])  # fmt: skip
def test_a_function_that_cannot_run_is_refused_before_anything_is_made(
    stacks: Stacks, properties: dict[str, Any], named: str
) -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": properties}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Hello": function}}

    said = refused(stacks, template)

    assert "Hello: " in said
    assert named in said


def refused(stacks: Stacks, template: Any) -> str:
    with pytest.raises(ClientError) as error:
        stacks.api.create_change_set(
            StackName="refused", ChangeSetName="change", ChangeSetType="CREATE", TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )  # fmt: skip
    return str(error.value)


LOGGED = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Hello": {"Type": "AWS::Serverless::Function", "Properties": {
            "Runtime": "python3.13", "Handler": "index.handler", "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
            "InlineCode": "import os\ndef handler(event, context):\n    print('a line')\n"
            "    return [context.log_group_name, os.environ['AWS_LAMBDA_LOG_GROUP_NAME']]\n"}},
    },
    "Outputs": {"Group": {"Value": {"Ref": "Logs"}}, "Hello": {"Value": {"Ref": "Hello"}}},
}  # fmt: skip


def test_a_function_writes_to_the_log_group_that_it_names(stacks: Stacks) -> None:
    made = stacks.outputs(stacks.deploy(LOGGED))
    functions, logs = stacks.cloud.client("lambda"), stacks.cloud.client("logs")
    answer = functions.invoke(FunctionName=made["Hello"])["Payload"].read()

    assert json.loads(answer) == [made["Group"], made["Group"]]
    described = functions.get_function_configuration(FunctionName=made["Hello"])["LoggingConfig"]
    assert described == {"LogFormat": "Text", "LogGroup": made["Group"]}
    lines = [one["message"].strip() for one in logs.filter_log_events(logGroupName=made["Group"])["events"]]
    assert "a line" in lines
    groups = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
    assert f"/aws/lambda/{made['Hello']}" not in groups


def test_a_format_of_logs_that_is_not_played_is_refused_by_name(stacks: Stacks) -> None:
    template = json.loads(json.dumps(LOGGED))
    template["Resources"]["Hello"]["Properties"]["LoggingConfig"] = {"LogFormat": "JSON"}
    stack = stacks.deploy(template)

    assert status(stacks, stack) == "ROLLBACK_COMPLETE"
    assert "LoggingConfig {'LogFormat': 'JSON'} is not played" in reasons(stacks, stack)
