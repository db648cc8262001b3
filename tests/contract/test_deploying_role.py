"""The role that deploys: its written permissions make all that the template has, and touch no other stack's."""

import json

import pytest

from localcloud.iam.policies import AccessRequest, decide, values
from tests.contract.role_policies import ACCOUNT, REGION, ROOT, managed, resource_types

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
        ("s3:DeleteBucket", "arn:aws:s3:::retrain-databucket-a"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/retrain-LedgerTable-A"),
        ("sagemaker:UpdateModelPackage", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/retrain--churn/1"),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/retrain-a"),
    ):
        assert not permitted(action, resource)


def test_no_action_has_a_star_and_each_star_for_a_resource_is_one_that_takes_no_arn() -> None:
    actions = {action for one in POLICY["Statement"] for action in values(one["Action"])}
    starred = {action for one in POLICY["Statement"] if one["Resource"] == "*" for action in values(one["Action"])}

    assert not any("*" in action for action in actions)
    assert starred == {
        "cloudformation:GetTemplateSummary", "kms:CreateKey", "kms:TagResource", "lambda:CreateEventSourceMapping",
        "logs:DescribeLogGroups", "states:ValidateStateMachineDefinition",
    }  # fmt: skip
