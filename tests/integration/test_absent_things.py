"""What each service calls a thing that is not there: a row has an operation, whom it asks for, and AWS's own code.

Sources: the Errors of each operation's page, such as
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html (as its SDKs have it),
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipeline.html, and for the ValidationException of
SageMaker's jobs, models and endpoints https://github.com/aws/aws-sdk/issues/165
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

ACCOUNT = "123456789012"
KEY = {"id": {"S": "a"}}
UUID = "00000000-0000-0000-0000-000000000000"
TOKEN = "a" * 32
Row = tuple[str, str, dict[str, Any], str]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


def rows(service: str, code: str, **operations: dict[str, Any]) -> list[Row]:
    return [(service, operation, asked, code) for operation, asked in operations.items()]


BUCKET, OBJECT, UPLOAD = {"Bucket": "no-such-bucket"}, {"Key": "none"}, {"UploadId": "none"}
TOPIC, QUEUE = {"TopicArn": arn("sns", "none")}, {"QueueUrl": f"http://sqs/{ACCOUNT}/none"}
FUNCTION, TABLE, ROLE = {"FunctionName": "none"}, {"TableName": "none"}, {"RoleName": "none"}
MACHINE = {"stateMachineArn": arn("states", "stateMachine:none")}
EXECUTION = {"executionArn": arn("states", "execution:none:none")}
GROUP, STACK, RULE = {"logGroupName": "none"}, {"StackName": "none"}, {"Name": "none"}
PIPELINE = {"PipelineName": "none"}
RUN = {"PipelineExecutionArn": arn("sagemaker", "pipeline/none/execution/abcdefghijkl")}
NO_BUCKET = rows(
    "s3", "NoSuchBucket", list_objects_v2=BUCKET, delete_bucket=BUCKET, get_object={**BUCKET, **OBJECT},
    put_object={**BUCKET, **OBJECT}, get_bucket_policy=BUCKET, create_multipart_upload={**BUCKET, **OBJECT},
    copy_object={**BUCKET, **OBJECT, "CopySource": "no-such-bucket/none"},
)  # fmt: skip
OF_S3: list[tuple[str, dict[str, Any], str]] = [  # in a bucket that is there
    ("get_object", OBJECT, "NoSuchKey"), ("get_object_tagging", OBJECT, "NoSuchKey"),
    ("get_object_acl", OBJECT, "NoSuchKey"), ("head_object", OBJECT, "404"),
    ("get_object_attributes", {**OBJECT, "ObjectAttributes": ["ETag"]}, "NoSuchKey"),
    ("get_object", {"Key": "k", "VersionId": "none"}, "NoSuchVersion"),
    ("list_parts", {**OBJECT, **UPLOAD}, "NoSuchUpload"),
    ("abort_multipart_upload", {**OBJECT, **UPLOAD}, "NoSuchUpload"),
    ("get_bucket_policy", {}, "NoSuchBucketPolicy"), ("get_bucket_tagging", {}, "NoSuchTagSet"),
    ("get_bucket_cors", {}, "NoSuchCORSConfiguration"),
    ("get_bucket_lifecycle_configuration", {}, "NoSuchLifecycleConfiguration"),
]  # fmt: skip
ROWS = [
    *NO_BUCKET,
    *rows(
        "sqs", "AWS.SimpleQueueService.NonExistentQueue", get_queue_url={"QueueName": "none"}, delete_queue=QUEUE,
        send_message={**QUEUE, "MessageBody": "a"}, receive_message=QUEUE, get_queue_attributes=QUEUE,
        purge_queue=QUEUE, list_queue_tags=QUEUE,
    ),
    *rows(
        "sns", "NotFound", get_topic_attributes=TOPIC, publish={**TOPIC, "Message": "a"},
        subscribe={**TOPIC, "Protocol": "email", "Endpoint": "a@b.test"}, list_subscriptions_by_topic=TOPIC,
        get_subscription_attributes={"SubscriptionArn": arn("sns", f"none:{UUID}")},
    ),
    *rows("sns", "ResourceNotFound", list_tags_for_resource={"ResourceArn": TOPIC["TopicArn"]}),
    *rows(
        "lambda", "ResourceNotFoundException", get_function=FUNCTION, invoke=FUNCTION, delete_function=FUNCTION,
        get_policy=FUNCTION, get_alias={**FUNCTION, "Name": "none"}, list_versions_by_function=FUNCTION,
        get_function_url_config=FUNCTION, get_function_event_invoke_config=FUNCTION, publish_version=FUNCTION,
        get_event_source_mapping={"UUID": UUID}, get_layer_version={"LayerName": "none", "VersionNumber": 1},
        list_tags={"Resource": arn("lambda", "function:none")},
    ),
    *rows("stepfunctions", "ExecutionDoesNotExist", describe_execution=EXECUTION, stop_execution=EXECUTION,
          get_execution_history=EXECUTION),
    *rows("stepfunctions", "StateMachineDoesNotExist", describe_state_machine=MACHINE, start_execution=MACHINE,
          list_executions=MACHINE),
    *rows("stepfunctions", "InvalidToken", send_task_success={"taskToken": "none", "output": "{}"}),
    *rows(
        "stepfunctions", "ResourceNotFound", list_tags_for_resource={"resourceArn": MACHINE["stateMachineArn"]},
        tag_resource={"resourceArn": MACHINE["stateMachineArn"], "tags": [{"key": "a", "value": "b"}]},
    ),
    *rows(
        "events", "ResourceNotFoundException", describe_rule=RULE, enable_rule=RULE, describe_event_bus=RULE,
        list_targets_by_rule={"Rule": "none"}, remove_targets={"Rule": "none", "Ids": ["a"]},
        put_targets={"Rule": "none", "Targets": [{"Id": "a", "Arn": arn("sqs", "none")}]},
        describe_archive={"ArchiveName": "none"},
    ),
    *rows("scheduler", "ResourceNotFoundException", get_schedule=RULE, delete_schedule=RULE, get_schedule_group=RULE),
    *rows(
        "dynamodb", "ResourceNotFoundException", describe_table=TABLE, delete_table=TABLE, scan=TABLE,
        get_item={**TABLE, "Key": KEY}, put_item={**TABLE, "Item": KEY}, update_item={**TABLE, "Key": KEY},
        batch_get_item={"RequestItems": {"none": {"Keys": [KEY]}}}, describe_time_to_live=TABLE,
        transact_write_items={"TransactItems": [{"Put": {**TABLE, "Item": KEY}}]},
    ),
    *rows("dynamodb", "TableNotFoundException", describe_continuous_backups=TABLE),
    *rows(
        "iam", "NoSuchEntity", get_role=ROLE, delete_role=ROLE, list_role_policies=ROLE, get_user={"UserName": "none"},
        get_policy={"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"},
        get_role_policy={**ROLE, "PolicyName": "none"},
    ),
    *rows("kms", "NotFoundException", describe_key={"KeyId": UUID},
          encrypt={"KeyId": "alias/none", "Plaintext": b"a"}, get_key_policy={"KeyId": UUID}),
    *rows(
        "logs", "ResourceNotFoundException", describe_log_streams=GROUP, filter_log_events=GROUP,
        delete_log_group=GROUP, get_log_events={**GROUP, "logStreamName": "none"},
        put_retention_policy={**GROUP, "retentionInDays": 1},
        create_log_stream={**GROUP, "logStreamName": "none"},
    ),
    *rows("ssm", "ParameterNotFound", get_parameter=RULE, delete_parameter=RULE, get_parameter_history=RULE),
    *rows("cloudformation", "ValidationError", describe_stacks=STACK, get_template=STACK,
          describe_stack_resources=STACK, list_stack_resources=STACK, describe_stack_events=STACK),
    *rows("cloudformation", "ChangeSetNotFound", describe_change_set={**STACK, "ChangeSetName": "none"}),
    *rows("cloudwatch", "ResourceNotFound", get_dashboard={"DashboardName": "none"},
          set_alarm_state={"AlarmName": "none", "StateValue": "OK", "StateReason": "a"}),
    *rows("budgets", "NotFoundException", describe_budget={"AccountId": ACCOUNT, "BudgetName": "none"}),
    *rows("apigateway", "NotFoundException", get_rest_api={"restApiId": "none"}),
    *rows("apigatewayv2", "NotFoundException", get_api={"ApiId": "none"}),
    *rows("service-quotas", "NoSuchResourceException", get_service_quota={"ServiceCode": "none", "QuotaCode": "none"}),
    *rows("sagemaker-runtime", "ValidationError", invoke_endpoint={"EndpointName": "none", "Body": b"1"}),
    *rows(
        "sagemaker", "ValidationException", describe_training_job={"TrainingJobName": "none"},
        stop_training_job={"TrainingJobName": "none"}, describe_processing_job={"ProcessingJobName": "none"},
        describe_transform_job={"TransformJobName": "none"}, describe_model={"ModelName": "none"},
        delete_model={"ModelName": "none"}, describe_endpoint={"EndpointName": "none"},
        delete_endpoint={"EndpointName": "none"}, describe_endpoint_config={"EndpointConfigName": "none"},
        delete_endpoint_config={"EndpointConfigName": "none"},
        describe_model_package={"ModelPackageName": arn("sagemaker", "model-package/none/1")},
        describe_model_package_group={"ModelPackageGroupName": "none"},
    ),
    *rows(
        "sagemaker", "ResourceNotFound", describe_pipeline=PIPELINE, update_pipeline=PIPELINE,
        describe_hyper_parameter_tuning_job={"HyperParameterTuningJobName": "none"},
        delete_pipeline={**PIPELINE, "ClientRequestToken": TOKEN}, list_pipeline_executions=PIPELINE,
        start_pipeline_execution={**PIPELINE, "ClientRequestToken": TOKEN}, describe_pipeline_execution=RUN,
        list_pipeline_execution_steps=RUN,
    ),
]  # fmt: skip


def code_of(client: Any, operation: str, asked: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**asked)
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize(("service", "operation", "asked", "code"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_what_is_not_there_has_its_services_code(
    cloud_server: CloudServer, service: str, operation: str, asked: dict[str, Any], code: str
) -> None:
    assert code_of(cloud_server.client(service), operation, asked) == code


def test_what_is_not_in_a_bucket_has_s3s_code(cloud_server: CloudServer) -> None:
    s3, made = cloud_server.client("s3"), name("absent").lower()
    s3.create_bucket(Bucket=made)
    s3.put_object(Bucket=made, Key="k", Body=b"1")

    found = [code_of(s3, operation, {"Bucket": made, **asked}) for operation, asked, _ in OF_S3]

    assert found == [code for *_, code in OF_S3]
