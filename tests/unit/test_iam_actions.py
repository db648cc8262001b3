"""Which permissions a call needs, service by service."""

from typing import Any

import pytest

from localcloud.iam import actions, s3
from localcloud.iam.iam_actions import StandingRole
from localcloud.iam.permissions import Place

HERE = Place("us-east-1", "123456789012")
SAGEMAKER = "arn:aws:sagemaker:us-east-1:123456789012:"
PACKAGE = f"{SAGEMAKER}model-package/churn/1"
ROLE = "arn:aws:iam::123456789012:role/pipeline"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "sqs",
            "StartMessageMoveTask",
            {"SourceArn": "arn:dead", "DestinationArn": "arn:main"},
            [
                ("sqs:StartMessageMoveTask", "arn:dead"),
                ("sqs:ReceiveMessage", "arn:dead"),
                ("sqs:DeleteMessage", "arn:dead"),
                ("sqs:GetQueueAttributes", "arn:dead"),
                ("sqs:SendMessage", "arn:main"),
            ],
        ),
        ("sqs", "ListMessageMoveTasks", {"SourceArn": "arn:dead"}, [("sqs:ListMessageMoveTasks", "arn:dead")]),
        (
            "dynamodb",
            "GetItem",
            {"TableName": "t"},
            [("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t")],
        ),
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "i"},
            [("dynamodb:Query", "arn:aws:dynamodb:us-east-1:123456789012:table/t/index/i")],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {"TransactItems": [{"Update": {"TableName": "t"}}, {"ConditionCheck": {"TableName": "t"}}]},
            [
                ("dynamodb:UpdateItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t"),
                ("dynamodb:ConditionCheckItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t"),
            ],
        ),
        (
            "sagemaker",
            "InvokeEndpoint",
            {"EndpointName": "Retrain-churn"},
            [("sagemaker:InvokeEndpoint", SAGEMAKER + "endpoint/retrain-churn")],
        ),
        (
            "sagemaker",
            "CreateModel",
            {"ModelName": "m", "ExecutionRoleArn": ROLE, "Tags": [{"Key": "a", "Value": "b"}]},
            [
                ("sagemaker:CreateModel", SAGEMAKER + "model/m"),
                ("sagemaker:AddTags", SAGEMAKER + "model/m"),
                ("iam:PassRole", ROLE),
            ],
        ),
        (
            "sagemaker",
            "UpdateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "c"},
            [
                ("sagemaker:UpdateEndpoint", SAGEMAKER + "endpoint/e"),
                ("sagemaker:UpdateEndpoint", SAGEMAKER + "endpoint-config/c"),
            ],
        ),
        (
            "sagemaker",
            "CreateModelPackage",
            {"ModelPackageGroupName": "g"},
            [
                ("sagemaker:CreateModelPackage", SAGEMAKER + "model-package/g/*"),
                ("sagemaker:CreateModelPackage", SAGEMAKER + "model-package-group/g"),
            ],
        ),
        (
            "sagemaker",
            "StopPipelineExecution",
            {"PipelineExecutionArn": SAGEMAKER + "pipeline/p/execution/x"},
            [("sagemaker:StopPipelineExecution", SAGEMAKER + "pipeline/p/execution/x")],
        ),
        (
            "sagemaker",
            "UpdateModelPackage",
            {"ModelPackageArn": SAGEMAKER + "model-package/g/1"},
            [("sagemaker:UpdateModelPackage", SAGEMAKER + "model-package/g/1")],
        ),
        (
            "sagemaker",
            "ListModelPackages",
            {"ModelPackageGroupName": "g"},
            [("sagemaker:ListModelPackages", SAGEMAKER + "model-package/g/*")],
        ),
        ("sagemaker", "ListModelPackages", {}, [("sagemaker:ListModelPackages", SAGEMAKER + "model-package/*/*")]),
        ("sns", "Publish", {"TopicArn": "arn:aws:sns:r:a:t"}, [("sns:Publish", "arn:aws:sns:r:a:t")]),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "http://x/123456789012/q"},
            [("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q")],
        ),
        (
            "logs",
            "GetLogEvents",
            {"logGroupName": "/g", "logStreamName": "s"},
            [("logs:GetLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/g:log-stream:s")],
        ),
        (
            "lambda",
            "Invoke",
            {"FunctionName": "f"},
            [("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f")],
        ),
        (
            "states",
            "SendTaskSuccess",
            {"taskToken": "t", "stateMachineArn": MACHINE},
            [("states:SendTaskSuccess", MACHINE)],
        ),
        ("states", "SendTaskSuccess", {"taskToken": "unknown"}, []),
        (
            "events",
            "PutEvents",
            {"Entries": [{}, {"EventBusName": "own"}]},
            [
                ("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/default"),
                ("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/own"),
            ],
        ),
        (
            "monitoring",
            "PutMetricAlarm",
            {"AlarmName": "a"},
            [("cloudwatch:PutMetricAlarm", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a")],
        ),
        (
            "sqs",
            "CreateQueue",
            {"QueueName": "q", "QueueUrl": "http://h/1/other"},
            [("sqs:CreateQueue", "arn:aws:sqs:us-east-1:123456789012:q")],
        ),
        (
            "sns",
            "CreateTopic",
            {"Name": "t", "TopicArn": "arn:other"},
            [("sns:CreateTopic", "arn:aws:sns:us-east-1:123456789012:t")],
        ),
        (
            "events",
            "PutTargets",
            {"Rule": "r", "Name": "other"},
            [("events:PutTargets", "arn:aws:events:us-east-1:123456789012:rule/r")],
        ),
        (
            "events",
            "PutRule",
            {"Name": "r", "Rule": "other"},
            [("events:PutRule", "arn:aws:events:us-east-1:123456789012:rule/r")],
        ),
        (
            "monitoring",
            "DeleteDashboards",
            {"DashboardNames": ["d", "e"]},
            [
                ("cloudwatch:DeleteDashboards", "arn:aws:cloudwatch::123456789012:dashboard/d"),
                ("cloudwatch:DeleteDashboards", "arn:aws:cloudwatch::123456789012:dashboard/e"),
            ],
        ),
        (
            "states",
            "CreateStateMachine",
            {"name": "m", "roleArn": ROLE, "stateMachineArn": "arn:other"},
            [("states:CreateStateMachine", MACHINE), ("iam:PassRole", ROLE)],
        ),
        (
            "states",
            "UpdateStateMachine",
            {"stateMachineArn": MACHINE, "roleArn": ROLE},
            [("states:UpdateStateMachine", MACHINE), ("iam:PassRole", ROLE)],
        ),
        (
            "budgets",
            "CreateBudget",
            {"Budget": {"BudgetName": "b"}},
            [("budgets:ModifyBudget", "arn:aws:budgets::123456789012:budget/b")],
        ),
        (
            "budgets",
            "DescribeBudget",
            {"BudgetName": "b"},
            [("budgets:ViewBudget", "arn:aws:budgets::123456789012:budget/b")],
        ),
        (
            "kms",
            "PutKeyPolicy",
            {"KeyId": "arn:aws:kms:eu-west-1:999:key/k"},  # whoever answers reads the id alone
            [("kms:PutKeyPolicy", "arn:aws:kms:us-east-1:123456789012:key/k")],
        ),
        ("kms", "DescribeKey", {"KeyId": "alias/k"}, [("kms:DescribeKey", "*")]),
        ("sts", "GetCallerIdentity", {}, []),
        ("kms", "Decrypt", {"KeyId": "k"}, [("kms:Decrypt", "*")]),  # no rule: no policy on named ARNs grants it
    ],
)
def test_a_call_needs_these(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = actions.needs(service, operation, parameters, HERE)

    assert [(need.action, need.resource) for need in found] == expected


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("CreateModelPackage", {"ModelPackageGroupName": "churn", "ModelApprovalStatus": "Approved"}),
        ("UpdateModelPackage", {"ModelPackageArn": PACKAGE, "ModelApprovalStatus": "Approved"}),
    ],
)  # fmt: skip
def test_the_status_that_a_version_is_brought_to_is_a_key_of_the_request(
    operation: str, parameters: dict[str, Any]
) -> None:
    found = actions.needs("sagemaker", operation, parameters, HERE)
    without = actions.needs("sagemaker", operation, parameters | {"ModelApprovalStatus": None}, HERE)

    assert {str(need.context) for need in found} == {"{'sagemaker:ModelApprovalStatus': ('Approved',)}"}
    assert {str(need.context) for need in without} == {"{}"}


BOUNDARY = "arn:aws:iam::123456789012:policy/jobs"
STANDING = StandingRole("arn:aws:iam::123456789012:role/teams/r", BOUNDARY, {"team": "a"})
FORM = {"Tags.member.1.Key": "team", "Tags.member.1.Value": "b"}
OF_STANDING = {"aws:ResourceTag/team": ("a",), "iam:ResourceTag/team": ("a",)}
ASKED = {"aws:RequestTag/team": ("b",), "aws:TagKeys": ("team",)}


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("GetRole", {"RoleName": "r"}, [("iam:GetRole", "role/r", {})]),
        ("CreateRole", {"RoleName": "r", "Path": "/teams/"}, [("iam:CreateRole", "role/teams/r", {})]),
        ("CreateRole", {"RoleName": "r", "PermissionsBoundary": BOUNDARY, **FORM},
         [("iam:CreateRole", "role/r", {"iam:PermissionsBoundary": (BOUNDARY,), **ASKED}),
          ("iam:TagRole", "role/r", ASKED)]),
        ("AttachRolePolicy", {"RoleName": "r", "PolicyArn": "arn:p", "Role": STANDING},
         [("iam:AttachRolePolicy", "role/teams/r",
           {"iam:PermissionsBoundary": (BOUNDARY,), "iam:PolicyARN": ("arn:p",), **OF_STANDING})]),
        ("PutRolePolicy", {"RoleName": "r", "PolicyName": "p", "Role": STANDING},
         [("iam:PutRolePolicy", "role/teams/r", {"iam:PermissionsBoundary": (BOUNDARY,), **OF_STANDING})]),
        ("PutRolePermissionsBoundary", {"RoleName": "r", "PermissionsBoundary": "arn:wider", "Role": STANDING},
         [("iam:PutRolePermissionsBoundary", "role/teams/r",
           {"iam:PermissionsBoundary": ("arn:wider",), **OF_STANDING})]),
        ("TagRole", {"RoleName": "r", "Role": STANDING, **FORM},
         [("iam:TagRole", "role/teams/r", {**OF_STANDING, **ASKED})]),
        ("CreateUser", {"UserName": "ada"}, [("iam:CreateUser", "user/ada", {})]),
        ("CreatePolicy", {"PolicyName": "p"}, [("iam:CreatePolicy", "policy/p", {})]),
        ("GetPolicy", {"PolicyArn": BOUNDARY}, [("iam:GetPolicy", "policy/jobs", {})]),
        ("ListRoles", {}, [("iam:ListRoles", "*", {})]),
    ],
)  # fmt: skip
def test_a_call_of_iam_names_the_boundary_the_policy_and_the_tags(
    operation: str, parameters: dict[str, Any], expected: list[tuple[str, str, dict[str, Any]]]
) -> None:
    found = actions.needs("iam", operation, parameters, HERE)

    assert [
        (one.action, one.resource.removeprefix("arn:aws:iam::123456789012:"), dict(one.context)) for one in found
    ] == expected


def test_a_key_is_made_with_tags_and_known_by_those_that_it_has() -> None:
    made = actions.needs("kms", "CreateKey", {"Tags": [{"TagKey": "retrain-stack", "TagValue": "a"}]}, HERE)
    there = actions.needs("kms", "EnableKeyRotation", {"KeyId": "k", "KeyTags": {"retrain-stack": "a"}}, HERE)

    assert [(one.action, one.context) for one in made] == [
        ("kms:CreateKey", {"aws:RequestTag/retrain-stack": ("a",)}),
        ("kms:TagResource", {"aws:RequestTag/retrain-stack": ("a",)}),
    ]
    assert [one.context for one in there] == [{"aws:ResourceTag/retrain-stack": ("a",)}]


def test_a_role_is_passed_to_sagemaker() -> None:
    found = actions.needs("sagemaker", "CreateTrainingJob", {"TrainingJobName": "t", "RoleArn": ROLE}, HERE)

    assert found[-1].context == {"iam:PassedToService": ("sagemaker.amazonaws.com",)}


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "expected"),
    [
        ("GET", "/b/k%20e/y", "", {}, [("s3:GetObject", "b/k e/y")]),
        ("HEAD", "/b/k", "versionId=1", {}, [("s3:GetObjectVersion", "b/k")]),
        ("GET", "/b/k", "tagging", {}, [("s3:GetObjectTagging", "b/k")]),
        ("GET", "/b", "list-type=2&prefix=a%2F", {}, [("s3:ListBucket", "b")]),
        ("GET", "/b", "versions&prefix=a", {}, [("s3:ListBucketVersions", "b")]),
        ("GET", "/b", "policy", {}, [("s3:GetBucketPolicy", "b")]),
        ("PUT", "/b/k", "", {}, [("s3:PutObject", "b/k")]),
        ("PUT", "/b/k", "", {"x-amz-tagging": "a=b"}, [("s3:PutObject", "b/k"), ("s3:PutObjectTagging", "b/k")]),
        (
            "PUT",
            "/b/k",
            "",
            {"x-amz-copy-source": "/o/s%20k?versionId=1"},
            [("s3:GetObjectVersion", "o/s k"), ("s3:PutObject", "b/k")],
        ),
        ("PUT", "/b/k", "", {"x-amz-copy-source": "o/s"}, [("s3:GetObject", "o/s"), ("s3:PutObject", "b/k")]),
        ("PUT", "/b/k", "uploadId=1&partNumber=2", {}, [("s3:PutObject", "b/k")]),
        ("DELETE", "/b/k", "uploadId=1", {}, [("s3:AbortMultipartUpload", "b/k")]),
        ("DELETE", "/b/k", "", {}, [("s3:DeleteObject", "b/k")]),
        ("DELETE", "/b/k", "versionId=1", {}, [("s3:DeleteObjectVersion", "b/k")]),
        ("POST", "/b", "delete", {}, [("s3:DeleteObject", "b/*")]),
        ("PUT", "/b", "encryption", {}, [("s3:PutEncryptionConfiguration", "b")]),
        ("GET", "/b", "lifecycle", {}, [("s3:GetLifecycleConfiguration", "b")]),
        ("DELETE", "/b", "lifecycle", {}, [("s3:PutLifecycleConfiguration", "b")]),
        ("DELETE", "/b", "policy", {}, [("s3:DeleteBucketPolicy", "b")]),
        ("DELETE", "/b", "tagging", {}, [("s3:PutBucketTagging", "b")]),
        ("PUT", "/b", "", {}, [("s3:CreateBucket", "b")]),
        ("DELETE", "/b", "", {}, [("s3:DeleteBucket", "b")]),
        ("GET", "/b/k", "acl&tagging", {}, [("s3:GetObjectAcl", "b/k"), ("s3:GetObjectTagging", "b/k")]),
        ("PUT", "/b/k", "uploadId=1&tagging", {}, [("s3:PutObject", "b/k"), ("s3:PutObjectTagging", "b/k")]),
        ("GET", "/b", "policy&prefix=a", {}, [("s3:GetBucketPolicy", "b")]),
        ("PUT", "/b", "tagging&policy", {}, [("s3:PutBucketTagging", "b"), ("s3:PutBucketPolicy", "b")]),
        (
            "GET",
            "/b",
            "list-type=2&continuation-token=t&encoding-type=url&X-Amz-Credential=k",
            {},
            [("s3:ListBucket", "b")],
        ),
    ],
)
def test_an_s3_request_needs_these(
    method: str, path: str, query: str, headers: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    found = s3.needs(method, path, query, headers)

    assert [(need.action, need.resource.removeprefix("arn:aws:s3:::")) for need in found] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<Delete><Object><Key>a/1</Key></Object><Object><Key>b&amp;c</Key><VersionId>v</VersionId></Object></Delete>",
         [("s3:DeleteObject", "b/a/1"), ("s3:DeleteObjectVersion", "b/b&c")]),
        ('<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a</Key></Object></Delete>',
         [("s3:DeleteObject", "b/a")]),
        ("<Delete><Object><Key> a </Key></Object></Delete>", [("s3:DeleteObject", "b/ a ")]),
        ("<Delete></Delete>", [("s3:DeleteObject", "b/*")]),
        ("<Delete><Object>", [("s3:DeleteObject", "b/*")]),
        ("", [("s3:DeleteObject", "b/*")]),
    ],
)  # fmt: skip
def test_of_several_deletes_each_key_is_asked_for(body: str, expected: list[tuple[str, str]]) -> None:
    found = s3.needs("POST", "/b", "delete", {}, body.encode())

    assert [(need.action, need.resource.removeprefix("arn:aws:s3:::")) for need in found] == expected


def test_a_form_to_a_bucket_is_refused_by_name() -> None:
    with pytest.raises(NotImplementedError, match="A form to a bucket says in itself who may post it"):
        s3.needs("POST", "/b", "", {}, b"--x")


def test_who_may_not_list_is_not_told_that_an_object_is_absent() -> None:
    found = s3.missing("/b/k")

    assert [(need.action, need.resource) for need in found] == [("s3:ListBucket", "arn:aws:s3:::b")]


def test_who_subscribes_also_says_how_and_whom() -> None:
    subscribed = {"TopicArn": "arn:aws:sns:r:a:t", "Protocol": "email", "Endpoint": "ada@example.org"}
    (need,) = actions.needs("sns", "Subscribe", subscribed, HERE)
    (other,) = actions.needs("sns", "Publish", subscribed, HERE)

    assert need.context == {"sns:Protocol": ("email",), "sns:Endpoint": ("ada@example.org",)}
    assert other.context == {}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "asked"),
    [
        ("sns", "Publish", {"TopicArn": "arn:open", "TargetArn": "arn:closed"}, ["arn:closed", "arn:open"]),
        ("states", "StopExecution", {"stateMachineArn": "arn:open", "executionArn": "arn:closed"},
         ["arn:closed", "arn:open"]),
        ("sqs", "SendMessage", {"QueueUrl": "http://a/1/closed", "SourceArn": "arn:open"},
         ["arn:aws:sqs:us-east-1:123456789012:closed"]),
        ("sqs", "PurgeQueue", {"QueueUrl": "http://a/1/closed", "SourceArn": "arn:open", "DestinationArn": "arn:other"},
         ["arn:aws:sqs:us-east-1:123456789012:closed"]),
        ("logs", "GetLogEvents", {"logGroupName": "open", "logGroupIdentifier": "closed", "logStreamName": "s"},
         [f"arn:aws:logs:us-east-1:123456789012:log-group:{name}:log-stream:s" for name in ("closed", "open")]),
    ],
)  # fmt: skip
def test_whatever_a_request_names_is_asked_for(
    service: str, operation: str, parameters: dict[str, Any], asked: list[str]
) -> None:
    assert sorted(need.resource for need in actions.needs(service, operation, parameters, HERE)) == asked
