"""The role that deploys: its written permissions make all that the template has, and touch no other stack's."""

import json
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from localcloud.iam.policies import AccessRequest, decide, values
from tests.contract.resource_schemas import schema
from tests.contract.role_policies import ACCOUNT, REGION, ROOT, Policies, Where, managed, resource_types
from tests.contract.weakened import survivors

TEXT = (ROOT / "docs" / "deploying-role.json").read_text()
POLICY = json.loads(TEXT.replace("<stack>", "retrain").replace("<account>", ACCOUNT).replace("<region>", REGION))
PASSED = "iam:PassedToService"
ARNS = {  # what CloudFormation names in a stack called {0}, and what makes and takes it away
    "AWS::S3::Bucket": ("arn:aws:s3:::{0}-databucket-a", "s3:CreateBucket"),
    "AWS::S3::BucketPolicy": ("arn:aws:s3:::{0}-databucket-a", "s3:PutBucketPolicy s3:DeleteBucketPolicy"),
    "AWS::DynamoDB::Table": (
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{0}}-LedgerTable-A",
        "dynamodb:CreateTable dynamodb:DeleteTable dynamodb:UpdateTimeToLive dynamodb:UpdateContinuousBackups",
    ),
    "AWS::Lambda::Function": (
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{0}}-NotifyFunction-a",
        "lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:DeleteFunction",
    ),
    "AWS::Lambda::Permission": (
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{0}}-NotifyFunction-a",
        "lambda:AddPermission lambda:RemovePermission",
    ),
    "AWS::Lambda::Url": (
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{0}}-ShowPageFunction-a",
        "lambda:CreateFunctionUrlConfig lambda:UpdateFunctionUrlConfig lambda:DeleteFunctionUrlConfig",
    ),
    "AWS::SQS::Queue": (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{0}}-ArrivalsQueue-a", "sqs:CreateQueue sqs:DeleteQueue"),
    "AWS::SQS::QueuePolicy": (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{0}}-ArrivalsQueue-a", "sqs:SetQueueAttributes"),
    "AWS::SNS::Topic": (f"arn:aws:sns:{REGION}:{ACCOUNT}:{{0}}-AlarmTopic-a", "sns:CreateTopic sns:DeleteTopic"),
    "AWS::SNS::TopicPolicy": (f"arn:aws:sns:{REGION}:{ACCOUNT}:{{0}}-AlarmTopic-a", "sns:SetTopicAttributes"),
    "AWS::SNS::Subscription": (f"arn:aws:sns:{REGION}:{ACCOUNT}:{{0}}-AlarmTopic-a", "sns:Subscribe"),
    "AWS::Events::Rule": (
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{0}}-UploadRule-a",
        "events:PutRule events:PutTargets events:RemoveTargets events:DeleteRule",
    ),
    "AWS::Scheduler::ScheduleGroup": (
        f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{{0}}-ModelSchedules-a",
        "scheduler:CreateScheduleGroup scheduler:DeleteScheduleGroup scheduler:TagResource",
    ),
    "AWS::CloudWatch::Alarm": (
        f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{0}}-RunsFailAlarm-a",
        "cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms",
    ),
    "AWS::CloudWatch::Dashboard": (
        f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{{0}}-{REGION}",
        "cloudwatch:PutDashboard cloudwatch:DeleteDashboards",
    ),
    "AWS::Logs::LogGroup": (
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{0}}-NotifyLogs-a",
        "logs:CreateLogGroup logs:PutRetentionPolicy logs:DeleteLogGroup",
    ),
    "AWS::IAM::Role": (
        f"arn:aws:iam::{ACCOUNT}:role/{{0}}-PipelineRole-a",
        "iam:CreateRole iam:PutRolePolicy iam:DeleteRolePolicy iam:DeleteRole",
    ),
    "AWS::IAM::Policy": (f"arn:aws:iam::{ACCOUNT}:role/{{0}}-PipelineRole-a", "iam:PutRolePolicy"),
    "AWS::IAM::ManagedPolicy": (
        f"arn:aws:iam::{ACCOUNT}:policy/{{0}}-UploaderPolicy-a",
        "iam:CreatePolicy iam:CreatePolicyVersion iam:DeletePolicyVersion iam:DeletePolicy",
    ),
}
NAMELESS = {  # whose names say no stack
    "AWS::Lambda::EventSourceMapping": ("lambda:CreateEventSourceMapping", "*"),
    "AWS::StepFunctions::StateMachine": (
        "states:CreateStateMachine",
        f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:RetrainingStateMachine-a",
    ),
    "AWS::Budgets::Budget": ("budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/a"),
    "AWS::KMS::Key": ("kms:CreateKey", "*"),
}
TYPES = sorted(ARNS)


def permitted(action: str, resource: str, **context: str) -> bool:
    given = {name.replace("__", ":"): (value,) for name, value in context.items()}
    return decide(AccessRequest("arn:aws:iam::123456789012:role/deploys", action, resource, given), [POLICY]).allowed


def test_every_type_of_the_template_is_spoken_of() -> None:
    assert resource_types() == {*ARNS, *NAMELESS}


@pytest.mark.parametrize("kind", TYPES)
def test_what_a_stack_has_is_made_and_taken_away_and_another_stacks_is_not_touched(kind: str) -> None:
    arn, actions = ARNS[kind]

    for action in actions.split():
        assert permitted(action, arn.format("retrain"))
        assert not permitted(action, arn.format("another"))
        assert not permitted(action, arn.format("retrains"))


@pytest.mark.parametrize("kind", sorted(NAMELESS))
def test_what_says_no_stack_in_its_name_is_made_too(kind: str) -> None:
    action, resource = NAMELESS[kind]
    tag = {"aws__RequestTag/retrain-stack": "retrain"} if kind == "AWS::KMS::Key" else {}

    assert permitted(action, resource, **tag)


def test_a_key_is_made_and_used_under_the_stacks_tag_alone() -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/a"

    assert not permitted("kms:CreateKey", "*")
    assert not permitted("kms:CreateKey", "*", **{"aws__RequestTag/retrain-stack": "another"})
    assert permitted("kms:PutKeyPolicy", key, **{"aws__ResourceTag/retrain-stack": "retrain"})
    assert not permitted("kms:PutKeyPolicy", key, **{"aws__ResourceTag/retrain-stack": "another"})


def test_the_stacks_roles_are_passed_to_its_three_services_and_get_only_the_policies_that_sam_adds() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/retrain-NotifyFunctionRole-a"
    added = {name for names in managed().values() for name in names}
    attachable = {
        arn.rpartition("/")[2]
        for statement in POLICY["Statement"]
        for arn in statement.get("Condition", {}).get("ArnEquals", {}).get("iam:PolicyARN", [])
    }

    for service in ("lambda", "states", "sagemaker"):
        assert permitted("iam:PassRole", role, iam__PassedToService=f"{service}.amazonaws.com")
    assert not permitted("iam:PassRole", role, iam__PassedToService="ec2.amazonaws.com")
    assert not permitted(
        "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin", iam__PassedToService="lambda.amazonaws.com"
    )
    assert not permitted("iam:AttachRolePolicy", role, iam__PolicyARN="arn:aws:iam::aws:policy/AdministratorAccess")
    assert added <= attachable


def test_no_data_is_read_and_no_version_decided_upon() -> None:
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::retrain-databucket-a/incoming/churn/may.csv"),
        ("s3:DeleteObject", "arn:aws:s3:::retrain-databucket-a/incoming/churn/may.csv"),
        ("s3:DeleteObjectVersion", "arn:aws:s3:::retrain-databucket-a/incoming/churn/may.csv"),
        ("s3:DeleteBucket", "arn:aws:s3:::another-databucket-a"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/retrain-LedgerTable-A"),
        ("sagemaker:UpdateModelPackage", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/retrain--churn/1"),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/retrain-a"),
        (
            "logs:PutRetentionPolicy",
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs:log-stream:",
        ),
    ):
        assert not permitted(action, resource)


def test_no_action_has_a_star_and_each_star_for_a_resource_is_one_that_takes_no_arn() -> None:
    actions = {action for one in POLICY["Statement"] for action in values(one["Action"])}
    starred = {action for one in POLICY["Statement"] if one["Resource"] == "*" for action in values(one["Action"])}

    assert not any("*" in action for action in actions)
    assert starred == {
        "cloudformation:GetTemplateSummary", "kms:CreateKey", "kms:TagResource", "lambda:CreateEventSourceMapping",
        "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "states:ValidateStateMachineDefinition",
    }  # fmt: skip


ACTIONS = {action for one in POLICY["Statement"] for action in values(one["Action"])}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploys"
MOST_CHARACTERS = 10_240  # of a role's inline policies. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
NOT_CALLED = {
    "what the template does not set": """
        billing:GetBillingViewData dynamodb:AssociateTableReplica dynamodb:CreateTableReplica dynamodb:DescribeImport
        dynamodb:ImportTable dynamodb:DisableKinesisStreamingDestination dynamodb:EnableKinesisStreamingDestination
        dynamodb:UpdateKinesisStreamingDestination dynamodb:UpdateContributorInsights dynamodb:PutResourcePolicy
        dynamodb:DeleteResourcePolicy iam:CreateServiceLinkedRole iam:DeleteRolePermissionsBoundary
        iam:PutRolePermissionsBoundary kinesis:DescribeStream kinesis:PutRecords s3:GetObjectMetadata
        elasticfilesystem:DescribeMountTargets s3files:ListMountTargets ec2:DescribeSecurityGroups ec2:DescribeSubnets
        ec2:DescribeVpcs ec2:DescribeNetworkInterfaces lambda:AssociateRuntimeAlias lambda:GetCodeSigningConfig
        lambda:GetLayerVersion lambda:PassCapacityProvider lambda:PutFunctionConcurrency lambda:PublishVersion
        lambda:PutFunctionRecursionConfig lambda:PutFunctionScalingConfig lambda:PutRuntimeManagementConfig
        lambda:DeleteFunctionCodeSigningConfig lambda:DeleteFunctionConcurrency lambda:PutFunctionCodeSigningConfig
        s3:GetObjectVersion firehose:TagDeliveryStream logs:CreateLogDelivery logs:PutBearerTokenAuthentication
        logs:PutDataProtectionPolicy logs:PutIndexPolicy logs:PutResourcePolicy logs:DeleteIndexPolicy
        logs:DeleteResourcePolicy logs:DeleteRetentionPolicy logs:PutLogGroupDeletionProtection s3:REST.PUT.OBJECT
        logs:DeleteDataProtectionPolicy logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents
        sns:PutDataProtectionPolicy""",
    "what the template does not set of a bucket": """
        s3:CreateBucketMetadataTableConfiguration s3:DeleteBucketAnalyticsConfiguration s3:DeleteBucketCors
        s3:DeleteBucketMetadataTableConfiguration s3:DeleteBucketMetricsConfiguration s3:DeleteBucketReplication
        s3:DeleteBucketWebsite s3:PutAccelerateConfiguration s3:PutAnalyticsConfiguration s3:PutBucketAbac
        s3:PutBucketAcl s3:PutBucketCORS s3:PutBucketLogging s3:PutBucketObjectLockConfiguration
        s3:PutBucketReplication s3:PutBucketWebsite s3:PutIntelligentTieringConfiguration
        s3:PutInventoryConfiguration s3:PutMetricsConfiguration s3:PutObjectAcl s3:PutObjectLockConfiguration
        s3:PutReplicationConfiguration s3:UpdateBucketMetadataAnnotationTableConfiguration
        s3:UpdateBucketMetadataInventoryTableConfiguration s3:UpdateBucketMetadataJournalTableConfiguration
        s3tables:CreateNamespace s3tables:CreateTable s3tables:CreateTableBucket s3tables:GetTable
        s3tables:GetTableMetadataLocation s3tables:PutTableBucketPolicy s3tables:PutTableEncryption
        s3tables:PutTablePolicy s3tables:UpdateTableMetadataLocation""",
    "rows, which stay": """
        dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:Scan
        dynamodb:UpdateItem""",
    "users and groups, of which the stack has none": """
        iam:AttachGroupPolicy iam:AttachUserPolicy iam:DetachGroupPolicy iam:DetachUserPolicy iam:GetGroupPolicy
        iam:GetUserPolicy iam:PutGroupPolicy iam:PutUserPolicy iam:DeleteGroupPolicy iam:DeleteUserPolicy""",
    "a key, which stays, and is given to services by its grants": """
        kms:DisableKey kms:DisableKeyRotation kms:EnableKey kms:ScheduleKeyDeletion kms:Encrypt kms:ListAliases
        kms:RevokeGrant""",
}
LEFT = {action for actions in NOT_CALLED.values() for action in actions.split()}


@cache
def called(kind: str) -> frozenset[str]:
    """What CloudFormation's handlers of a type call with the permissions of whoever deploys; cfn-lint has the schemas.

    Source: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html (handlers)
    """
    read = schema(kind)
    kept = ("create", "read", "update", "delete")
    return frozenset(action for one in kept for action in read["handlers"].get(one, {}).get("permissions", ()))


@pytest.mark.parametrize("kind", sorted(resource_types()))
def test_what_cloudformation_calls_by_itself_is_permitted(kind: str) -> None:
    assert called(kind) - ACTIONS - LEFT == set()


def test_what_is_left_out_is_what_handlers_could_call() -> None:
    assert set().union(*map(called, resource_types())) >= LEFT
    assert not LEFT & ACTIONS


Row = tuple[str, str, Mapping[str, str]]
NAMELESS_ARNS = {
    "AWS::Lambda::EventSourceMapping": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:a"],
    "AWS::StepFunctions::StateMachine": [
        f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}StateMachine-a" for name in ("Retraining", "Scoring")
    ],
    "AWS::Budgets::Budget": [f"arn:aws:budgets::{ACCOUNT}:budget/a"],
}
KEY, SAM_BUCKET = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/a", "arn:aws:s3:::aws-sam-cli-managed-default-a"
STACK_ARN = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{{0}}/id"
SERVERLESS = f"arn:aws:cloudformation:{REGION}:aws:transform/Serverless-2016-10-31"
STACK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/retrain-NotifyFunctionRole-a"


SCHEDULES: list[Row] = [  # a group goes with its schedules
    ("scheduler:DeleteSchedule", f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{one}-ModelSchedules-a/{one}--m", {})
    for one in ("retrain", "another")
]


def of(service: str) -> list[str]:
    return sorted(action for action in ACTIONS if action.startswith(f"{service}:"))


def asked() -> Iterator[Row]:
    """What a deployment asks for, and what another stack's would."""
    for kind, (arn, _) in ARNS.items():
        for action in called(kind):
            yield from ((action, arn.format(stack), {}) for stack in ("retrain", "another"))
    for kind, arns in NAMELESS_ARNS.items():
        yield from ((action, arn, {}) for action in called(kind) for arn in arns)
    for action in of("kms"):
        for tag in ("aws:RequestTag/retrain-stack", "aws:ResourceTag/retrain-stack"):
            yield from ((action, KEY, {tag: stack}) for stack in ("retrain", "another"))
    for action in of("cloudformation"):
        yield from ((action, STACK_ARN.format(name), {}) for name in ("retrain", "another"))
        yield action, STACK_ARN.format("aws-sam-cli-managed-default"), {}
        of_sam = ("retrain-a1-CompanionStack", "retrain-a1-WebFunctionCode", "another-a1-CompanionStack")
        yield from ((action, STACK_ARN.format(name), {}) for name in of_sam)
    yield from (("s3:DeleteObject", f"{SAM_BUCKET}/{stack}/a", {}) for stack in ("retrain", "another"))
    yield from SCHEDULES
    yield "cloudformation:CreateChangeSet", SERVERLESS, {}
    yield from ((action, SAM_BUCKET, {}) for action in of("s3"))
    starred = (one for one in POLICY["Statement"] if one["Resource"] == "*" and "Condition" not in one)
    yield from ((action, "*", {}) for one in starred for action in values(one["Action"]))
    for service in ("lambda", "states", "sagemaker", "ec2"):
        yield "iam:PassRole", STACK_ROLE, {PASSED: f"{service}.amazonaws.com"}
    for name in (*sorted({name for names in managed().values() for name in names}), "AdministratorAccess"):
        for action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
            folders = ("", "service-role/")
            yield from (
                (action, STACK_ROLE, {"iam:PolicyARN": f"arn:aws:iam::aws:policy/{at}{name}"}) for at in folders
            )


def test_without_any_one_part_of_the_role_a_deployment_is_refused_or_permitted_more() -> None:
    statements = {Where(ROLE, "identity", place): one for place, one in enumerate(POLICY["Statement"])}
    asks = [AccessRequest(ROLE, action, arn, {name: (value,) for name, value in given.items()})
            for action, arn, given in asked()]  # fmt: skip

    def near(where: Where) -> list[AccessRequest]:
        return [ask for ask in asks if ask.action in values(statements[where]["Action"])]

    assert survivors(Policies(statements), statements, near) == []


def test_the_role_is_no_longer_than_iam_takes() -> None:
    assert len("".join(TEXT.split())) <= MOST_CHARACTERS
