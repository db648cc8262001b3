"""Stacks on the local cloud, through boto3 alone: made, changed in place, taken back, and gone."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from stacks import Stacks

APP = Path(__file__).parent.parent / "apps" / "word_count"
TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Quiet: {Type: Number, Default: 60}
  Mail: {Type: String, Default: ""}
Conditions:
  HasMail: !Not [!Equals [!Ref Mail, ""]]
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      LifecycleConfiguration:
        Rules: [{Id: old, Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 30}}]
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
  DataPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: [!Sub "${Data.Arn}/*"],
             Condition: {Bool: {"aws:SecureTransport": false}}}
  Dead: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 1209600}}
  Arrivals:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !Ref Quiet
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}
  Ledger:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
  Topic: {Type: AWS::SNS::Topic}
  MailSubscription:
    Type: AWS::SNS::Subscription
    Condition: HasMail
    Properties: {TopicArn: !Ref Topic, Protocol: email, Endpoint: !Ref Mail}
  Uploads:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.s3], detail: {bucket: {name: [!Ref Data]}}}
      Targets:
        - Id: queue
          Arn: !GetAtt Arrivals.Arn
          DeadLetterConfig: {Arn: !GetAtt Dead.Arn}
          RetryPolicy: {MaximumRetryAttempts: 3}
          InputTransformer: {InputPathsMap: {k: $.detail.object.key}, InputTemplate: '{"key": <k>}'}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: |
        import os
        def handler(event, context):
            return os.environ["QUIET"]
      Handler: index.handler
      Runtime: python3.11
      ReservedConcurrentExecutions: 2
      Environment: {Variables: {QUIET: !Sub "${Quiet}"}}
      Policies: [DynamoDBCrudPolicy: {TableName: !Ref Ledger}]
      Events:
        Queue:
          Type: SQS
          Properties:
            {Queue: !GetAtt Arrivals.Arn, BatchSize: 5, MaximumBatchingWindowInSeconds: 1,
             FunctionResponseTypes: [ReportBatchItemFailures], ScalingConfig: {MaximumConcurrency: 2}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: Go, States: {Go: {Type: Task, Resource: "${HelloArn}", End: true}}}
      DefinitionSubstitutions: {HelloArn: !GetAtt Hello.Arn}
      Policies: [LambdaInvokePolicy: {FunctionName: !Ref Hello}]
Outputs:
  Bucket: {Value: !Ref Data}
  Queue: {Value: !Ref Arrivals}
  Table: {Value: !Ref Ledger}
  Function: {Value: !Ref Hello}
  Machine: {Value: !GetAtt Machine.Arn}
  Mail: {Condition: HasMail, Value: !Ref Mail}
"""
QUEUES = {
    "Resources": {
        "First": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 10}},
        "Second": {"Type": "AWS::SQS::Queue", "DependsOn": "First"},
    },
    "Outputs": {"First": {"Value": {"Ref": "First"}}},
}
BROKEN = {"Type": "AWS::SQS::QueuePolicy", "DependsOn": ["Second"], "Properties": {"PolicyDocument": {}}}


@pytest.fixture(scope="module")
def stacks(cloud_server: CloudServer) -> Stacks:
    return Stacks(cloud_server)


@pytest.fixture(scope="module")
def whole(stacks: Stacks) -> str:
    """A stack of the whole template, made once."""
    return stacks.deploy(TEMPLATE, Tags=[{"Key": "team", "Value": "ml"}])


def refused(call: Any, **settings: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**settings)
    return str(error.value)


def test_a_sam_template_becomes_what_it_says(stacks: Stacks, whole: str) -> None:
    made, client = stacks.outputs(whole), stacks.cloud.client

    assert stacks.rest(whole)["StackStatus"] == "CREATE_COMPLETE"
    assert set(made) == {"Bucket", "Queue", "Table", "Function", "Machine"}
    bucket = {"Bucket": made["Bucket"]}
    assert client("s3").get_bucket_versioning(**bucket)["Status"] == "Enabled"
    assert client("s3").get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert all(client("s3").get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    assert client("s3").get_bucket_lifecycle_configuration(**bucket)["Rules"][0]["ID"] == "old"
    assert client("s3").get_bucket_tagging(**bucket)["TagSet"] == [{"Key": "team", "Value": "ml"}]
    backups = client("dynamodb").describe_continuous_backups(TableName=made["Table"])["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    mapping = client("lambda").list_event_source_mappings(FunctionName=made["Function"])["EventSourceMappings"][0]
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (5, ["ReportBatchItemFailures"])
    rule = next(one for one in client("events").list_rules()["Rules"] if made["Bucket"] in one.get("EventPattern", ""))
    target = client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"][0]
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 3
    assert target["InputTransformer"]["InputTemplate"] == '{"key": <k>}'


def test_the_made_machine_calls_the_made_function(stacks: Stacks, whole: str) -> None:
    states = stacks.cloud.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=stacks.outputs(whole)["Machine"])["executionArn"]

    def look() -> dict[str, Any] | None:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    assert json.loads(eventually(look)["output"]) == "60"


def test_one_changed_parameter_changes_just_what_depends_on_it(stacks: Stacks) -> None:
    stack = stacks.deploy(TEMPLATE)
    before = len(stacks.happened(stack))

    stacks.deploy(TEMPLATE, stack, Parameters=[{"ParameterKey": "Quiet", "ParameterValue": "7"}])

    since = stacks.happened(stack)[before:]
    assert {name for name, status in since if status == "UPDATE_COMPLETE"} - {stack.split("/")[1]} == {
        "Arrivals",
        "Hello",
    }
    made = stacks.outputs(stack)
    assert stacks.visibility(made["Queue"]) == "7"
    answer = stacks.cloud.client("lambda").invoke(FunctionName=made["Function"], Payload=b"{}")
    assert json.load(answer["Payload"]) == "7"


def test_nothing_to_change_is_said_as_aws_says_it(stacks: Stacks, whole: str) -> None:
    change = stacks.api.create_change_set(
        StackName=whole,
        ChangeSetName="nothing",
        TemplateBody=TEMPLATE,
        Capabilities=["CAPABILITY_IAM"],
        Tags=[{"Key": "team", "Value": "ml"}],
    )
    found = stacks.api.describe_change_set(ChangeSetName=change["Id"])

    assert (found["Status"], found["StatusReason"]) == ("FAILED", "No updates are to be performed.")
    assert "cannot be executed" in refused(stacks.api.execute_change_set, ChangeSetName=change["Id"])
    assert "No updates are to be performed." in refused(
        stacks.api.update_stack, StackName=whole, UsePreviousTemplate=True, Capabilities=["CAPABILITY_IAM"]
    )


def test_a_failed_creation_takes_everything_back_and_says_why(stacks: Stacks) -> None:
    broken = {**BROKEN, "Properties": {"PolicyDocument": {}, "Queues": ["http://127.0.0.1/123456789012/nobody"]}}

    stack = stacks.deploy({"Resources": {**QUEUES["Resources"], "Broken": broken}})

    assert stacks.rest(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "The specified queue does not exist" in stacks.reason(stack, "CREATE_FAILED")
    gone = [name for name, status in stacks.happened(stack) if status == "DELETE_COMPLETE"]
    assert gone == ["Second", "First"]
    assert not stacks.cloud.client("sqs").list_queues(QueueNamePrefix=stack.split("/")[1]).get("QueueUrls")


def test_a_failed_update_restores_what_was(stacks: Stacks) -> None:
    stack = stacks.deploy(QUEUES)
    first = stacks.outputs(stack)["First"]
    changed = json.loads(json.dumps(QUEUES))
    changed["Resources"]["First"]["Properties"]["VisibilityTimeout"] = 99
    changed["Resources"]["Third"] = {"Type": "AWS::SQS::Queue"}
    del changed["Resources"]["Second"]
    changed["Resources"]["Broken"] = {**BROKEN, "DependsOn": ["First", "Third"]}

    stacks.deploy(changed, stack)

    assert stacks.rest(stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "required key [Queues] not found" in stacks.reason(stack, "CREATE_FAILED")
    assert stacks.visibility(first) == "10"
    there = stacks.api.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    assert {one["LogicalResourceId"] for one in there} == {"First", "Second"}
    changed["Resources"].pop("Broken")
    stacks.deploy(changed, stack)
    assert stacks.rest(stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.visibility(first) == "99"


def test_a_filled_bucket_refuses_to_go_and_an_emptied_one_goes(stacks: Stacks) -> None:
    stack = stacks.deploy({"Resources": {"Data": {"Type": "AWS::S3::Bucket"}, **QUEUES["Resources"]}})
    s3 = stacks.cloud.client("s3")
    bucket = stacks.api.describe_stack_resource(StackName=stack, LogicalResourceId="Data")["StackResourceDetail"]
    place = {"Bucket": bucket["PhysicalResourceId"], "Key": "a"}
    s3.put_object(**place, Body=b"1")

    stacks.api.delete_stack(StackName=stack)

    assert stacks.rest(stack)["StackStatus"] == "DELETE_FAILED"
    assert "The bucket you tried to delete is not empty" in stacks.reason(stack, "DELETE_FAILED") + " ".join(
        event.get("ResourceStatusReason", "")
        for event in stacks.api.describe_stack_events(StackName=stack)["StackEvents"]
    )
    s3.delete_object(**place)
    stacks.api.delete_stack(StackName=stack)
    assert stacks.rest(stack)["StackStatus"] == "DELETE_COMPLETE"
    assert "does not exist" in refused(stacks.api.describe_stacks, StackName=stack.split("/")[1])


def test_an_unknown_type_makes_nothing_and_is_named(stacks: Stacks) -> None:
    template = json.dumps({"Resources": {"Odd": {"Type": "AWS::Odd::Thing"}}})

    said = refused(stacks.api.create_stack, StackName="odd", TemplateBody=template)

    assert "ValidationError" in said
    assert "Unrecognized resource types: [AWS::Odd::Thing (Odd)]" in said
    assert "does not exist" in refused(stacks.api.describe_stacks, StackName="odd")


def test_what_needs_a_yes_is_refused_without_it(stacks: Stacks) -> None:
    said = refused(stacks.api.create_stack, StackName="no-yes", TemplateBody=TEMPLATE)

    assert "InsufficientCapabilities" in said
    assert "CAPABILITY_IAM" in said


def test_two_stacks_of_one_template_stand_side_by_side(stacks: Stacks, whole: str) -> None:
    other = stacks.deploy(TEMPLATE, Parameters=[{"ParameterKey": "Mail", "ParameterValue": "a@example.org"}])

    one, two = stacks.outputs(whole), stacks.outputs(other)

    assert two.pop("Mail") == "a@example.org"
    assert not set(one.values()) & set(two.values())
    stacks.api.delete_stack(StackName=other)
    assert stacks.rest(other)["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.cloud.client("lambda").get_function(FunctionName=one["Function"])


def test_a_template_at_our_own_address_and_a_definition_in_yaml_are_read(stacks: Stacks) -> None:
    s3, bucket = stacks.cloud.client("s3"), "templates-here"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(
        Bucket=bucket, Key="m.asl.yaml", Body=b"StartAt: A\nStates:\n  A: {Type: Pass, Result: '${Word}', End: true}\n"
    )
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::123456789012:role/x",
            "DefinitionS3Location": {"Bucket": bucket, "Key": "m.asl.yaml"},
            "DefinitionSubstitutions": {"Word": "hello"},
        },
    }
    s3.put_object(Bucket=bucket, Key="t.yaml", Body=yaml.safe_dump({"Resources": {"Machine": machine}}).encode())

    made = stacks.api.create_stack(StackName="by-url", TemplateURL=f"{stacks.cloud.url}/{bucket}/t.yaml")

    assert stacks.rest(made["StackId"])["StackStatus"] == "CREATE_COMPLETE"
    arn = stacks.api.describe_stack_resource(StackName="by-url", LogicalResourceId="Machine")["StackResourceDetail"]
    found = stacks.cloud.client("stepfunctions").describe_state_machine(stateMachineArn=arn["PhysicalResourceId"])
    assert json.loads(found["definition"])["States"]["A"]["Result"] == "hello"


def test_the_template_can_be_asked_for_as_given_and_as_processed(stacks: Stacks, whole: str) -> None:
    given = stacks.api.get_template(StackName=whole)["TemplateBody"]
    processed = stacks.api.get_template(StackName=whole, TemplateStage="Processed")["TemplateBody"]

    assert given == TEMPLATE
    assert "AWS::Lambda::EventSourceMapping" in json.dumps(processed)
    summary = stacks.api.get_template_summary(TemplateBody=TEMPLATE)
    assert [one["ParameterKey"] for one in summary["Parameters"]] == ["Quiet", "Mail"]


def test_an_app_of_another_shape_runs_from_an_upload_to_a_message(stacks: Stacks) -> None:
    s3, bucket = stacks.cloud.client("s3"), "word-count-code"
    s3.create_bucket(Bucket=bucket)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.write(APP / "src" / "count.py", "count.py")
    s3.put_object(Bucket=bucket, Key="code.zip", Body=target.getvalue())
    s3.put_object(Bucket=bucket, Key="count.asl.yaml", Body=(APP / "count.asl.yaml").read_bytes())
    packaged = (APP / "template.yaml").read_text()
    for local, uploaded in (("src/", "code.zip"), ("count.asl.yaml", "count.asl.yaml")):
        packaged = packaged.replace(f"Uri: {local}", f"Uri: s3://{bucket}/{uploaded}")
    made = stacks.outputs(stacks.deploy(packaged))

    s3.put_object(Bucket=made["TextBucketName"], Key="a b+%ü.txt", Body=b"one two three")

    def look() -> Any:
        found = stacks.cloud.client("sqs").receive_message(QueueUrl=made["ResultQueueUrl"], WaitTimeSeconds=1)
        return found.get("Messages")

    message = eventually(look, 30, "the count")[0]
    assert json.loads(message["Body"]) == {"key": "a b+%ü.txt", "words": 3, "language": "en"}
