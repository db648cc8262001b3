"""What may be asked of the services that run and deploy code."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from cloud import eventually

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/answers"


def zipped(files: dict[str, bytes]) -> bytes:
    """A .zip of files by their names in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


CODE = {"ZipFile": zipped({"main.py": b"def handler(event, context):\n    return event\n"})}
OTHER = zipped({"main.py": b"def handler(event, context):\n    return 2\n"})
LAMBDA = f"arn:aws:lambda:us-east-1:{ACCOUNT}"


def awslambda(ask: Any) -> None:
    runs = {"CompatibleRuntimes": ["python3.13"], "CompatibleArchitectures": ["x86_64"], "LicenseInfo": "MIT"}
    content = {"ZipFile": zipped({"python/a.py": b""})}
    layer = ask("PublishLayerVersion", LayerName="answers", Content=content, Description="d", **runs)
    own, role = {"FunctionName": "answers"}, {"AssumeRolePolicyDocument": "{}"}
    ask.other("iam").create_role(RoleName="answers", **role)
    ask("CreateFunction", **own, Runtime="python3.13", Role=ROLE, Handler="main.handler", Code=CODE, Description="d",
        Layers=[layer["LayerVersionArn"]], Environment={"Variables": {"WORD": "b"}}, Tags={"a": "b"}, MemorySize=256,
        DeadLetterConfig={"TargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:answers"}, Timeout=9)  # fmt: skip
    ask("GetFunction", **own)
    ask("GetFunctionConfiguration", **own)
    ask("ListFunctions")
    ask("UpdateFunctionConfiguration", **own, Description="e")
    ask("UpdateFunctionCode", **own, ZipFile=OTHER)
    ask("Invoke", **own, Payload=b"{}", LogType="Tail")
    ask("Invoke", **own, Payload=b"{}", InvocationType="DryRun")
    version = ask("PublishVersion", **own, Description="d")["Version"]
    ask("ListVersionsByFunction", **own)
    _of_a_function(ask, own, version)
    ask("DeleteFunction", **own)
    number = {"LayerName": "answers", "VersionNumber": layer["Version"]}
    ask("GetLayerVersion", **number)
    ask("ListLayers")
    ask("ListLayerVersions", LayerName="answers")
    ask("AddLayerVersionPermission", **number, StatementId="a", Action="lambda:GetLayerVersion", Principal="*")
    ask("GetLayerVersionPolicy", **number)
    ask("RemoveLayerVersionPermission", **number, StatementId="a")
    ask("DeleteLayerVersion", **number)


def _of_a_function(ask: Any, own: Any, version: str) -> None:
    ask("CreateAlias", **own, Name="live", FunctionVersion=version, Description="d")
    ask("GetAlias", **own, Name="live")
    ask("ListAliases", **own)
    ask("UpdateAlias", **own, Name="live", FunctionVersion=version)
    ask("DeleteAlias", **own, Name="live")
    ask("AddPermission", **own, StatementId="a", Action="lambda:InvokeFunction", Principal="events.amazonaws.com")
    ask("GetPolicy", **own)
    ask("RemovePermission", **own, StatementId="a")
    ask("PutFunctionConcurrency", **own, ReservedConcurrentExecutions=1)
    ask("GetFunctionConcurrency", **own)
    ask("GetFunction", **own)
    ask("DeleteFunctionConcurrency", **own)
    ask("GetFunctionCodeSigningConfig", **own)
    ask("PutFunctionEventInvokeConfig", **own, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60)
    ask("GetFunctionEventInvokeConfig", **own)
    ask("ListFunctionEventInvokeConfigs", **own)
    ask("UpdateFunctionEventInvokeConfig", **own, MaximumRetryAttempts=2)
    ask("DeleteFunctionEventInvokeConfig", **own)
    ask("CreateFunctionUrlConfig", **own, AuthType="NONE")
    ask("GetFunctionUrlConfig", **own)
    ask("UpdateFunctionUrlConfig", **own, AuthType="AWS_IAM")
    ask("DeleteFunctionUrlConfig", **own)
    arn = {"Resource": f"{LAMBDA}:function:answers"}
    ask("TagResource", **arn, Tags={"c": "d"})
    ask("ListTags", **arn)
    ask("UntagResource", **arn, TagKeys=["c"])
    queue = ask.other("sqs").create_queue(QueueName="answers-lambda")
    source = f"arn:aws:sqs:us-east-1:{ACCOUNT}:answers-lambda"
    mapping = ask(
        "CreateEventSourceMapping",
        **own,
        EventSourceArn=source,
        BatchSize=3,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    uuid = {"UUID": mapping["UUID"]}
    ask("GetEventSourceMapping", **uuid)
    ask("ListEventSourceMappings", **own)
    ask("UpdateEventSourceMapping", **uuid, BatchSize=2)
    ask("DeleteEventSourceMapping", **uuid)
    ask.other("sqs").delete_queue(QueueUrl=queue["QueueUrl"])


def stepfunctions(ask: Any) -> None:
    ask.other("iam").create_role(RoleName="answers-states", AssumeRolePolicyDocument="{}")
    wait = {"Type": "Wait", "Seconds": 300, "End": True}
    asl = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}})
    slow = json.dumps({"StartAt": "Wait", "States": {"Wait": wait}})
    role = ROLE.replace("answers", "answers-states")
    made = ask("CreateStateMachine", name="answers", definition=slow, roleArn=role, tags=[{"key": "a", "value": "b"}])
    own = {"stateMachineArn": made["stateMachineArn"]}
    ask("UpdateStateMachine", **own, definition=slow)
    ask("DescribeStateMachine", **own)
    ask("ListStateMachines")
    ask("ValidateStateMachineDefinition", definition=asl)
    ask("ValidateStateMachineDefinition", definition="{}")
    run = {"executionArn": ask("StartExecution", **own, input='{"a": 1}')["executionArn"]}
    ask("DescribeExecution", **run)
    ask("DescribeStateMachineForExecution", **run)
    ask("StopExecution", **run, error="E", cause="c")
    ask("DescribeExecution", **run)
    ask("GetExecutionHistory", **run)
    ask("ListExecutions", **own)
    ask("UpdateStateMachine", **own, definition=asl)
    run = {"executionArn": ask("StartExecution", **own, name="second", input='{"a": 1}')["executionArn"]}
    eventually(lambda: ask("DescribeExecution", **run)["status"] == "SUCCEEDED")
    ask("GetExecutionHistory", **run)
    ask("GetExecutionHistory", **run, maxResults=1)
    ask("ListMapRuns", **run)
    arn = {"resourceArn": own["stateMachineArn"]}
    ask("TagResource", **arn, tags=[{"key": "c", "value": "d"}])
    ask("ListTagsForResource", **arn)
    ask("UntagResource", **arn, tagKeys=["c"])
    ask("DeleteStateMachine", **own)


QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "answers-stack"}}
OUTPUT = {"Value": {"Ref": "Queue"}, "Description": "d", "Export": {"Name": "answers"}}
TEMPLATE = json.dumps({
    "Description": "d", "Parameters": {"P": {"Type": "String", "Default": "a", "Description": "d"}},
    "Resources": {"Queue": QUEUE}, "Outputs": {"Out": OUTPUT},
})  # fmt: skip


def cloudformation(ask: Any) -> None:
    own, body = {"StackName": "answers"}, {"TemplateBody": TEMPLATE}
    ask("ValidateTemplate", **body)
    change = {**own, "ChangeSetName": "first"}
    ask("CreateChangeSet", **change, **body, ChangeSetType="CREATE", Description="d", Tags=[{"Key": "a", "Value": "b"}])
    eventually(lambda: ask("DescribeChangeSet", **change)["Status"] == "CREATE_COMPLETE")
    ask("ListChangeSets", **own)
    ask("ExecuteChangeSet", **change)
    eventually(lambda: ask("DescribeStacks", **own)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    ask("DescribeStackEvents", **own)
    ask("DescribeStackResources", **own)
    ask("DescribeStackResource", **own, LogicalResourceId="Queue")
    ask("ListStackResources", **own)
    ask("ListStacks")
    ask("ListExports")
    ask("GetTemplate", **own)
    ask("GetTemplateSummary", **own)
    ask("UpdateTerminationProtection", **own, EnableTerminationProtection=False)
    changed = TEMPLATE.replace('"Default": "a"', '"Default": "b"').replace("answers-stack", "answers-stack-2")
    ask("UpdateStack", **own, TemplateBody=changed)
    eventually(lambda: ask("DescribeStacks", **own)["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE")
    ask("CreateChangeSet", **{**change, "ChangeSetName": "second"}, **body)
    eventually(lambda: ask("DescribeChangeSet", **{**change, "ChangeSetName": "second"})["Status"] == "CREATE_COMPLETE")
    ask("ListChangeSets", **own)
    ask("DeleteChangeSet", **{**change, "ChangeSetName": "second"})
    ask("DeleteStack", **own)
    ask("CreateStack", StackName="answers-plain", TemplateBody=TEMPLATE.replace("answers-stack", "answers-plain"))
    eventually(lambda: "COMPLETE" in ask("DescribeStacks", StackName="answers-plain")["Stacks"][0]["StackStatus"])
    ask("DeleteStack", StackName="answers-plain")


def _document(title: str, **more: Any) -> bytes:
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{LAMBDA}:function:answers/invocations"
    way = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri} | more
    path = {"get": {"x-amazon-apigateway-integration": way, "responses": {}}}
    return json.dumps({"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": {"/a": path}}).encode()


def apigateway(ask: Any) -> None:
    own = {"restApiId": ask("ImportRestApi", body=_document("answers"))["id"]}
    ask("PutRestApi", **own, mode="overwrite", body=_document("answers"))
    ask("GetRestApi", **own)
    ask("GetRestApis")
    deployed = {**own, "deploymentId": ask("CreateDeployment", **own, description="d")["id"]}
    ask("GetDeployment", **deployed)
    ask("GetDeployments", **own)
    stage = {**own, "stageName": "live"}
    ask("CreateStage", **stage, deploymentId=deployed["deploymentId"], description="d", variables={"a": "b"})
    ask("UpdateStage", **stage, patchOperations=[{"op": "replace", "path": "/description", "value": "e"}])
    ask("GetStage", **stage)
    ask("GetStages", **own)
    ask("DeleteStage", **stage)
    ask("DeleteDeployment", **deployed)
    ask("DeleteRestApi", **own)


def apigatewayv2(ask: Any) -> None:
    body = _document("answers", payloadFormatVersion="2.0").decode()
    own = {"ApiId": ask("ImportApi", Body=body)["ApiId"]}
    ask("ReimportApi", **own, Body=body)
    ask("GetApi", **own)
    ask("GetApis")
    ask("GetRoutes", **own)
    stage = {**own, "StageName": "live"}
    ask("CreateStage", **stage, AutoDeploy=True, Description="d", StageVariables={"a": "b"})
    ask("UpdateStage", **stage, Description="e")
    ask("GetStage", **stage)
    ask("GetStages", **own)
    ask("DeleteStage", **stage)
    ask("DeleteApi", **own)
