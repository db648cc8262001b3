"""What may be asked of the services that keep data, logs and metrics."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

ACCOUNT = "123456789012"
TAGS = [{"Key": "team", "Value": "ml"}]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/answers"


def dynamodb(ask: Any) -> None:
    own = {"TableName": "answers"}
    names = [{"AttributeName": name, "AttributeType": "S"} for name in ("a", "b")]
    schema = [{"AttributeName": "a", "KeyType": "HASH"}]
    second = {
        "IndexName": "second", "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }  # fmt: skip
    made = ask("CreateTable", **own, AttributeDefinitions=names, KeySchema=schema, BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[second], StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        SSESpecification={"Enabled": True, "SSEType": "KMS"}, Tags=TAGS)  # fmt: skip
    arn = {"ResourceArn": made["TableDescription"]["TableArn"]}
    ask("DescribeTable", **own)
    ask("ListTables", Limit=1)
    ask("UpdateTable", **own, DeletionProtectionEnabled=False)
    ask("UpdateTimeToLive", **own, TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"})
    ask("DescribeTimeToLive", **own)
    ask("UpdateContinuousBackups", **own, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    ask("DescribeContinuousBackups", **own)
    ask("TagResource", **arn, Tags=TAGS)
    ask("ListTagsOfResource", **arn)
    ask("UntagResource", **arn, TagKeys=["team"])
    _items(ask, own)
    _backups(ask, own)
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
    ask("PutResourcePolicy", **arn, Policy=json.dumps(policy))
    ask("GetResourcePolicy", **arn)
    ask("DeleteResourcePolicy", **arn)
    ask("DescribeLimits")
    ask("DescribeEndpoints")
    ask("DeleteTable", **own)


def _items(ask: Any, own: Any) -> None:
    item, key = {"a": {"S": "1"}, "b": {"S": "x"}, "n": {"N": "1"}}, {"a": {"S": "1"}}
    told = {"ReturnConsumedCapacity": "TOTAL"}
    ask("PutItem", **own, **told, Item=item)
    ask("PutItem", **own, **told, Item=item, ReturnValues="ALL_OLD", ReturnItemCollectionMetrics="SIZE")
    ask("GetItem", **own, **told, Key=key)
    ask("UpdateItem", **own, **told, Key=key, UpdateExpression="SET n = :n", ReturnValues="ALL_NEW",
        ExpressionAttributeValues={":n": {"N": "2"}})  # fmt: skip
    ask("PutItem", **own, Item={"a": {"S": "2"}})
    ask("Query", **own, **told, KeyConditionExpression="a = :a", ExpressionAttributeValues={":a": {"S": "1"}})
    ask("Scan", **own, **told, Limit=1)
    ask("BatchGetItem", **told, RequestItems={"answers": {"Keys": [key]}})
    ask("BatchWriteItem", **told, RequestItems={"answers": [{"PutRequest": {"Item": item}}]})
    ask("TransactGetItems", **told, TransactItems=[{"Get": {**own, "Key": key}}])
    ask("TransactWriteItems", **told, TransactItems=[{"Put": {**own, "Item": item}}])
    ask("DeleteItem", **own, **told, Key=key, ReturnValues="ALL_OLD")


def _backups(ask: Any, own: Any) -> None:
    backup = {"BackupArn": ask("CreateBackup", **own, BackupName="answers")["BackupDetails"]["BackupArn"]}
    ask("DescribeBackup", **backup)
    ask("ListBackups", **own)
    ask("RestoreTableFromBackup", **backup, TargetTableName="answers-restored")
    ask("DeleteTable", TableName="answers-restored")
    ask("DeleteBackup", **backup)


def s3(ask: Any) -> None:
    own = {"Bucket": "answers"}
    ask("CreateBucket", **own)
    ask("ListBuckets")
    ask("HeadBucket", **own)
    ask("GetBucketLocation", **own)
    ask("PutBucketVersioning", **own, VersioningConfiguration={"Status": "Enabled"})
    ask("GetBucketVersioning", **own)
    _bucket_settings(ask, own)
    _objects(ask, own)
    _parts(ask, own)
    ask("DeleteBucket", **own)


def _bucket_settings(ask: Any, own: Any) -> None:
    sse = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::answers/no"}
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "a"}, "Expiration": {"Days": 1}}
    cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.com"]}]}
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    for name, member, value in (
        ("Encryption", "ServerSideEncryptionConfiguration", sse),
        ("Policy", "Policy", json.dumps({"Version": "2012-10-17", "Statement": [deny]})),
        ("LifecycleConfiguration", "LifecycleConfiguration", {"Rules": [rule]}),
        ("Cors", "CORSConfiguration", cors),
        ("Tagging", "Tagging", {"TagSet": TAGS}),
        ("OwnershipControls", "OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}),
        ("NotificationConfiguration", "NotificationConfiguration", {"EventBridgeConfiguration": {}}),
        ("Logging", "BucketLoggingStatus", {}),
    ):
        ask(f"PutBucket{name}", **own, **{member: value})
        ask(f"GetBucket{name}", **own)
    ask("GetBucketPolicyStatus", **own)
    for name in ("Encryption", "Policy", "Lifecycle", "Cors", "Tagging", "OwnershipControls"):
        ask(f"DeleteBucket{name}", **own)
    ask("PutPublicAccessBlock", **own, PublicAccessBlockConfiguration=block)
    ask("GetPublicAccessBlock", **own)
    ask("DeletePublicAccessBlock", **own)
    ask("PutBucketAcl", **own, ACL="private")
    ask("GetBucketAcl", **own)
    ask("GetBucketAccelerateConfiguration", **own)


def _objects(ask: Any, own: Any) -> None:
    key = {**own, "Key": "a/b"}
    put = ask("PutObject", **key, Body=b"abc", ContentType="text/csv", Metadata={"a": "b"}, ChecksumAlgorithm="SHA256")
    ask("PutObject", **key, Body=b"abcd", Tagging="a=b", CacheControl="no-cache", ContentDisposition="inline",
        ContentEncoding="identity", ContentLanguage="en")  # fmt: skip
    ask("GetObject", **key)
    ask("GetObject", **key, Range="bytes=1-2", ChecksumMode="ENABLED", VersionId=put["VersionId"])
    ask("HeadObject", **key)
    ask("GetObjectAttributes", **key, ObjectAttributes=["ETag", "ObjectSize", "StorageClass", "Checksum"])
    ask("CopyObject", **own, Key="c", CopySource={"Bucket": "answers", "Key": "a/b"})
    ask("ListObjects", **own, Delimiter="/")
    ask("ListObjectsV2", **own, Delimiter="/", MaxKeys=1, FetchOwner=True, StartAfter="0")
    ask("ListObjectsV2", **own, FetchOwner=True)
    ask("ListObjectVersions", **own, Delimiter="z")
    ask("PutObjectTagging", **key, Tagging={"TagSet": TAGS})
    ask("GetObjectTagging", **key)
    ask("DeleteObjectTagging", **key)
    ask("PutObjectAcl", **key, ACL="private")
    ask("GetObjectAcl", **key)
    ask("DeleteObject", **key)
    ask("ListObjectVersions", **own)
    versions = ask.other("s3").list_object_versions(**own)
    everything = versions["Versions"] + versions["DeleteMarkers"]
    doomed = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in everything]
    ask("DeleteObjects", **own, Delete={"Objects": doomed})


def _parts(ask: Any, own: Any) -> None:
    key = {**own, "Key": "parts"}
    upload = {**key, "UploadId": ask("CreateMultipartUpload", **key)["UploadId"]}
    ask("ListMultipartUploads", **own)
    part = ask("UploadPart", **upload, PartNumber=1, Body=b"abc")
    ask("ListParts", **upload)
    done = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    whole = ask("CompleteMultipartUpload", **upload, MultipartUpload=done)
    other = {**key, "UploadId": ask("CreateMultipartUpload", **key)["UploadId"]}
    ask("UploadPartCopy", **other, PartNumber=1, CopySource={"Bucket": "answers", "Key": "parts"})
    ask("AbortMultipartUpload", **other)
    ask("DeleteObject", **key, VersionId=whole["VersionId"])


def logs(ask: Any) -> None:
    own, stream = {"logGroupName": "answers"}, {"logStreamName": "a"}
    ask("CreateLogGroup", **own, tags={"a": "b"})
    ask("CreateLogStream", **own, **stream)
    ask("DescribeLogStreams", **own)
    at = int(datetime.now(UTC).timestamp() * 1000)
    ask("PutLogEvents", **own, **stream, logEvents=[{"timestamp": at + n, "message": f"line {n}"} for n in range(3)])
    ask("GetLogEvents", **own, **stream, limit=1)
    ask("FilterLogEvents", **own)
    ask("FilterLogEvents", **own, limit=1)
    ask("PutRetentionPolicy", **own, retentionInDays=7)
    ask("DescribeLogGroups", logGroupNamePrefix="answers")
    ask("DescribeLogGroups", limit=1)
    ask("DescribeLogStreams", **own)
    ask("DeleteRetentionPolicy", **own)
    ask("TagLogGroup", **own, tags={"a": "b"})
    ask("ListTagsLogGroup", **own)
    ask("UntagLogGroup", **own, tags=["a"])
    arn = {"resourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:answers"}
    ask("TagResource", **arn, tags={"a": "b"})
    ask("ListTagsForResource", **arn)
    ask("UntagResource", **arn, tagKeys=["a"])
    ask("PutResourcePolicy", policyName="answers", policyDocument="{}")
    ask("DescribeResourcePolicies")
    ask("DeleteResourcePolicy", policyName="answers")
    ask("DescribeSubscriptionFilters", **own)
    ask("DescribeExportTasks")
    ask("DeleteLogStream", **own, **stream)
    ask("DeleteLogGroup", **own)


def cloudwatch(ask: Any) -> None:
    own, now = {"Namespace": "answers", "MetricName": "a"}, datetime.now(UTC)
    dimensions = [{"Name": "d", "Value": "v"}]
    ask(
        "PutMetricData",
        Namespace="answers",
        MetricData=[{"MetricName": "a", "Value": 1, "Unit": "Count", "Dimensions": dimensions}],
    )
    ask("ListMetrics", Namespace="answers")
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
    what = {**own, "Dimensions": dimensions}
    ask(
        "GetMetricStatistics",
        **what,
        **span,
        Period=60,
        Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
    )
    stat = {"Metric": what, "Period": 60, "Stat": "Sum"}
    ask("GetMetricData", **span, MetricDataQueries=[{"Id": "a", "MetricStat": stat}])
    ask("PutMetricAlarm", **what, AlarmName="answers", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1,
        DatapointsToAlarm=1, Threshold=5, Period=60, Statistic="Sum", AlarmDescription="d", Tags=TAGS,
        TreatMissingData="notBreaching", AlarmActions=[f"arn:aws:sns:us-east-1:{ACCOUNT}:answers"])  # fmt: skip
    ask("SetAlarmState", AlarmName="answers", StateValue="OK", StateReason="so", StateReasonData="{}")
    (alarm,) = ask("DescribeAlarms", AlarmNames=["answers"])["MetricAlarms"]
    ask("DescribeAlarmsForMetric", **own)
    ask("DisableAlarmActions", AlarmNames=["answers"])
    ask("EnableAlarmActions", AlarmNames=["answers"])
    ask("TagResource", ResourceARN=alarm["AlarmArn"], Tags=TAGS)
    ask("ListTagsForResource", ResourceARN=alarm["AlarmArn"])
    ask("UntagResource", ResourceARN=alarm["AlarmArn"], TagKeys=["team"])
    ask("DeleteAlarms", AlarmNames=["answers"])
    ask("PutDashboard", DashboardName="answers", DashboardBody=json.dumps({"widgets": []}))
    ask("GetDashboard", DashboardName="answers")
    ask("ListDashboards")
    ask("DeleteDashboards", DashboardNames=["answers"])
