"""One of each kind of thing that a local cloud keeps, made through its API."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest
from cloud import CloudServer, eventually
from test_stepfunctions import Machines

KEY = "a b/ä+%20"
LARGE = bytes(range(256)) * 1000
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def fill_bucket(cloud: CloudServer) -> dict[str, Any]:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="bucket", Key=KEY, Body=body)["VersionId"] for body in (b"one", LARGE)]
    s3.put_object_tagging(
        Bucket="bucket", Key=KEY, VersionId=versions[0], Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
    )
    for key in ("gone", "deleted"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"x")
    s3.delete_object(Bucket="bucket", Key="gone")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "deleted"}]})
    s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": KEY, "VersionId": versions[0]})
    upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    part = s3.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=1, Body=LARGE)["ETag"]
    return {"versions": versions, "upload": upload, "part": part}


def fill_queue(cloud: CloudServer) -> dict[str, Any]:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="queue", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    for number in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    gone, held = (sqs.receive_message(QueueUrl=url)["Messages"][0] for _ in range(2))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=gone["ReceiptHandle"])
    purged = sqs.create_queue(QueueName="purged")["QueueUrl"]
    sqs.send_message(QueueUrl=purged, MessageBody="x")
    sqs.purge_queue(QueueUrl=purged)
    return {"queue": url, "purged": purged, "gone": gone["ReceiptHandle"], "held": held["ReceiptHandle"]}


def fill_table(cloud: CloudServer) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    for number in range(3):
        dynamodb.put_item(TableName="table", Item=item(str(number), 0))
    dynamodb.delete_item(TableName="table", Key={"pk": {"S": "a"}, "sk": {"S": "0"}})
    add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    dynamodb.update_item(TableName="table", Key={"pk": {"S": "a"}, "sk": {"S": "1"}}, **add)
    put = {"Put": {"TableName": "table", "Item": item("3", 3)}}
    dynamodb.transact_write_items(TransactItems=[put])
    refused = {"Put": {"TableName": "table", "Item": item("3", 4), "ConditionExpression": "attribute_not_exists(pk)"}}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "table", "Item": item("4", 4)}}, refused])


def item(sk: str, n: int) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": sk}, "n": {"N": str(n)}}


def fill_the_rest(cloud: CloudServer) -> dict[str, Any]:
    iam, kms, logs = cloud.client("iam"), cloud.client("kms"), cloud.client("logs")
    document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=document)
    iam.attach_role_policy(RoleName="role", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    cloud.client("ssm").put_parameter(Name="/name", Value="value", Type="String")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    line = {"timestamp": int(time.time() * 1000), "message": "line"}
    logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=[line])
    cloud.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 3}])
    cloud.client("cloudwatch").put_metric_alarm(AlarmName="alarm", MetricName="m", Namespace="n", **ALARM)
    cloud.client("sns").create_topic(Name="topic")
    cloud.client("events").put_rule(Name="rule", EventPattern='{"source": ["x"]}')
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-stack"}}}}'
    cloud.client("cloudformation").create_stack(StackName="stack", TemplateBody=template)
    cloud.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="stack", WaiterConfig={"Delay": 1}
    )
    document = '{"swagger": "2.0", "info": {"title": "api"}, "paths": {}}'
    cloud.client("apigateway").import_rest_api(body=document)
    cloud.client("apigatewayv2").import_api(Body=document)
    models = cloud.client("sagemaker")
    models.create_model_package_group(ModelPackageGroupName="group", Tags=[{"Key": "a", "Value": "b"}])
    secret = kms.encrypt(KeyId=key, Plaintext=b"word")["CiphertextBlob"]
    return {"secret": secret}


def begin_others(cloud: CloudServer, machines: Machines) -> dict[str, Any]:
    """An execution that rests, and one whose function hangs when it is called for the first time."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", HANGS)
    role = "arn:aws:iam::123456789012:role/role"
    function = cloud.client("lambda").create_function(
        FunctionName="hangs", Runtime="python3.11", Role=role, Handler="app.handler", Timeout=600,
        Code={"ZipFile": code.getvalue()},
    )["FunctionArn"]  # fmt: skip
    rests = {"Rest": {"Type": "Wait", "Seconds": 2, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    calls = {"Call": {"Type": "Task", "Resource": function, "Assign": {"n": 7}, "Next": "Rest"}, **rests}
    found = {"rests": machines.start(machines.make(rests)), "calls": machines.start(machines.make(calls))}
    eventually(lambda: "Contents" in cloud.client("s3").list_objects_v2(Bucket="bucket", Prefix="called/"), 30)
    return found


HANGS = """
import boto3, time
def handler(event, context):
    s3 = boto3.client("s3")
    before = s3.list_objects_v2(Bucket="bucket", Prefix="called/").get("KeyCount")
    s3.put_object(Bucket="bucket", Key=f"called/{before}", Body=b"")
    if not before:
        time.sleep(500)
    return {"calls": before + 1}
"""
ALARM = {"Period": 60, "EvaluationPeriods": 1, "Threshold": 9, "ComparisonOperator": "GreaterThanThreshold"} | {
    "Statistic": "Sum"
}
