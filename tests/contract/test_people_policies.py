"""The policies that people get: what each permits, what it does not, and no part of one that nobody would miss."""

import json
from collections.abc import Mapping

import pytest

from localcloud.iam.policies import AccessRequest, values
from tests.contract.least_privilege import arn_of
from tests.contract.role_policies import (
    ARNS,
    JOBS_POLICY,
    SERVING_POLICY,
    STACK,
    Policies,
    Where,
    event_rules,
    policies_of_people,
)
from tests.contract.weakened import survivors

MOST_CHARACTERS = (
    6144  # without white space. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
)
LONGER = 40  # may a name in an ARN be on AWS: CloudFormation's begins with the stack's and ends in twelve letters
OURS, THEIRS = f"{STACK}--churn", "another--churn"
TUNES = "abcdefghijkl-Tune-0"  # a step's tuning job
PACKAGE = f"sagemaker:model-package/{OURS}/1"
STATUS = "sagemaker:ModelApprovalStatus"
TAG = {"aws:PrincipalTag/retrain-model": "churn"}
MACHINES = ("RetrainingStateMachine", "ScoringStateMachine")
REACTING = tuple(f"ReactTo{what}Function" for what in ("Pipeline", "Approval", "Endpoint", "Transform"))
Row = tuple[str, str, Mapping[str, str]]


def row(action: str, resource: str = "*", **context: str) -> Row:
    return action, resource, {name.replace("__", ":"): value for name, value in context.items()}


def each(service: str, actions: str, *resources: str) -> list[Row]:
    return [row(f"{service}:{action}", resource) for action in actions.split() for resource in resources or ("*",)]


def physical(rule: str) -> str:
    """A rule's name as CloudFormation gives it, where a policy goes by how it begins."""
    return f"{STACK}-{rule}-a1B" if rule.startswith(REACTING) else rule


def deciding(status: str, package: str = PACKAGE) -> Row:
    return "sagemaker:UpdateModelPackage", package, {STATUS: status}


MODEL_TAGS = ("retrain-model", *(f"retrain-model-{number}" for number in range(2, 6)))


def uploading(key: str, action: str = "s3:PutObject", tag: str = "churn", name: str = MODEL_TAGS[0]) -> Row:
    return action, f"s3:DataBucket/{key}", {f"aws:PrincipalTag/{name}": tag}


def writing(key: str, action: str = "UpdateItem", attribute: str = "until") -> Row:
    return f"dynamodb:{action}", LEDGER, {"dynamodb:LeadingKeys": key, "dynamodb:Attributes": attribute}


REVIEWERS = "sns:ReviewersTopic"
OWN_STACK = f"cloudformation:stack/{STACK}/id"
LEDGER, BUCKET = "dynamodb:table/LedgerTable", "s3:DataBucket"
SOURCES = f"{BUCKET}/datasets/churn/manifests/0/sources.json"
DEAD = ("sqs:ArrivalsDeadLetterQueue", "sqs:LostEventsQueue")
PUBLISHED = (
    "code/0/a.py", "config/models/churn.json", "config/pipelines/churn/1.json", "config/prices.json",
    "config/versions/churn/0.json",
)  # fmt: skip
SCHEDULES = "scheduler:schedule/ModelSchedules"
SCHEDULE, OTHER_GROUP = f"{SCHEDULES}/{OURS}", f"scheduler:schedule/default/{OURS}"
TO_SCHEDULER = {"iam:PassedToService": "scheduler.amazonaws.com"}
PASSED = {"iam:PassedToService": "sagemaker.amazonaws.com"}
JOBS, SERVING = f"iam:role/{OURS}-jobs-us-east-1", f"iam:role/{OURS}-serving-us-east-1"
BOUND, SERVES = (ARNS["AWS::IAM::ManagedPolicy"].format(policy) for policy in (JOBS_POLICY, SERVING_POLICY))
ENDPOINTS = "logs:log-group:/aws/sagemaker/Endpoints"
WIDER = ARNS["AWS::IAM::ManagedPolicy"].format("Everything")


def bounded(action: str, boundary: str = BOUND, role: str = JOBS, **context: str) -> Row:
    return f"iam:{action}", role, {"iam:PermissionsBoundary": boundary, **context}


def attached(policy: str, boundary: str = BOUND, role: str = JOBS) -> Row:
    return bounded("AttachRolePolicy", boundary, role, **{"iam:PolicyARN": policy})


PERMITTED: dict[str, list[Row]] = {
    "UploaderPolicy": [
        row("cloudformation:DescribeStacks", OWN_STACK),
        *(uploading(f"{folder}/churn/may.csv", action, name=tag) for folder in ("incoming", "scoring", "labels")
          for action in ("s3:PutObject", "s3:AbortMultipartUpload") for tag in MODEL_TAGS),
    ],
    "ReviewerPolicy": [
        row("cloudformation:DescribeStacks", OWN_STACK),
        *each("dynamodb", "GetItem Query", LEDGER), writing("CONSOLE#a"),
        *each("sagemaker", "ListModelPackages DescribeModelPackage", PACKAGE),
        deciding("Approved"), deciding("Rejected"),
        row("sagemaker:ListPipelineExecutionSteps", f"sagemaker:pipeline/{OURS}/execution/e"),
        *each("s3", "GetObject", f"{BUCKET}/pipelines/churn/e/Evaluate/evaluation/report.html", SOURCES),
        row("sagemaker:DescribeProcessingJob", "sagemaker:processing-job/pipelines-e-Evaluate-0"),
        *each("sagemaker", "DescribeTrainingJob", "sagemaker:training-job/pipelines-e-Train-0",
              f"sagemaker:training-job/{TUNES}-001-0"),
        row("sagemaker:ListTrainingJobsForHyperParameterTuningJob", f"sagemaker:hyper-parameter-tuning-job/{TUNES}"),
        *each("sagemaker", "DescribeTransformJob", "sagemaker:transform-job/pipelines-e-TransformKnn-0",
              f"sagemaker:transform-job/{OURS}-v1-0"),
        row("sagemaker:ListTransformJobs"),
        row("sagemaker:DescribeEndpoint", f"sagemaker:endpoint/{OURS}"),
        row("sagemaker:DescribeEndpointConfig", f"sagemaker:endpoint-config/{OURS}-v1-0"),
    ],
    "PublisherPolicy": [
        row("cloudformation:DescribeStacks", OWN_STACK),
        row("s3:ListBucket", BUCKET),
        *each("s3", "GetObject PutObject", *(f"{BUCKET}/{key}" for key in PUBLISHED)),
        *each("sagemaker", "ListPipelines ListModelPackageGroups"),
        *each("servicequotas", "ListServiceQuotas ListAWSDefaultServiceQuotas"),
        *each("sagemaker", "CreatePipeline UpdatePipeline DescribePipeline ListPipelineVersions ListTags AddTags",
              f"sagemaker:pipeline/{OURS}"),
        *each("sagemaker", "CreateModelPackageGroup AddTags", f"sagemaker:model-package-group/{OURS}"),
        ("iam:PassRole", "iam:role/PipelineRole", PASSED),
        ("iam:PassRole", "iam:role/SchedulesRole", TO_SCHEDULER),
        *each("scheduler", "GetSchedule CreateSchedule UpdateSchedule DeleteSchedule", SCHEDULE),
        row("sns:ListSubscriptionsByTopic", REVIEWERS), row("sns:Subscribe", REVIEWERS, sns__Protocol="email"),
        *each("sns", "GetSubscriptionAttributes SetSubscriptionAttributes", REVIEWERS, f"{REVIEWERS}:a"),
        row("logs:DescribeLogGroups"),
        *each("logs", "CreateLogGroup TagResource PutRetentionPolicy AssociateKmsKey",
              f"{ENDPOINTS}/{OURS}:log-stream:"),
        *each("iam", "GetRole ListAttachedRolePolicies TagRole", JOBS, SERVING), bounded("CreateRole"), attached(BOUND),
        bounded("CreateRole", SERVES, SERVING), attached(SERVES, SERVES, SERVING),
    ],
    "OperatorPolicy": [
        *each("cloudformation", "DescribeStacks ListStackResources", OWN_STACK),
        *each("sagemaker", "ListPipelines ListModels ListEndpoints ListEndpointConfigs ListModelPackageGroups"),
        row("cloudformation:ListStacks"), row("dynamodb:ListTables"), row("logs:DescribeLogGroups"),
        row("cloudwatch:DescribeAlarms"), row("iam:ListRoles"), row("scheduler:ListSchedules"),
        row("scheduler:DeleteSchedule", SCHEDULE),
        *each("iam", "ListAttachedRolePolicies DetachRolePolicy DeleteRole", JOBS, SERVING),
        *each("dynamodb", "GetItem Query", LEDGER),
        *(writing("MODEL#churn", attribute=name) for name in ("pk", "sk", "failed", "failed_at", "attempts")),
        writing("FILE#churn", attribute="withdrawn"),
        *(writing(key, attribute=name) for key in ("CONSOLE#a", "OPERATE#a") for name in ("until", "expires_at")),
        writing("MODEL#churn", "DeleteItem"),
        *each("sqs", "ReceiveMessage DeleteMessage", *DEAD),
        *each("sqs", "ChangeMessageVisibility", *DEAD),
        *each("sqs", "GetQueueAttributes", *DEAD),
        *each("sqs", "SendMessage", "sqs:ArrivalsQueue", "sqs:ChampionQueue"),
        *each("lambda", "InvokeFunction", *(f"lambda:function:{name}Function" for name in (
            "BeginRun", "ReconcileRuns", "FinishRun", "BeginScoring"))),
        *each("lambda", "InvokeFunction", *(f"lambda:function:{STACK}-{name}-a1B" for name in REACTING)),
        *each("lambda", "InvokeFunction", *(f"lambda:function:{STACK}-{name}-a1B" for name in (
            "PostToChatFunction", "PostToDigestFunction", "PostToMlflowFunction"))),
        *each("s3", "GetObject", f"{BUCKET}/config/models/churn.json", f"{BUCKET}/config/pipelines/churn/1.json"),
        row("s3:GetObject", SOURCES),
        deciding("Rejected"),
        *each("sagemaker", "ListModelPackages DescribeModelPackage DeleteModelPackage", PACKAGE),
        *each("sagemaker", "DescribeEndpoint DeleteEndpoint", f"sagemaker:endpoint/{OURS}"),
        row("sagemaker:DeleteEndpointConfig", f"sagemaker:endpoint-config/{OURS}-v1-0"),
        *each("sagemaker", "DeleteModel", f"sagemaker:model/{OURS}-v1-0", "sagemaker:model/pipelines-e-CreateModel-0"),
        *each("sagemaker", "DescribePipeline DeletePipeline ListPipelineExecutions", f"sagemaker:pipeline/{OURS}"),
        *each("sagemaker", "StopPipelineExecution ListPipelineExecutionSteps SendPipelineExecutionStepFailure",
              f"sagemaker:pipeline/{OURS}/execution/e"),
        row("sagemaker:DeleteModelPackageGroup", f"sagemaker:model-package-group/{OURS}"),
        *(row("states:ListExecutions", f"states:stateMachine:{name}") for name in MACHINES),
        *(row("states:StopExecution", f"states:execution:{name}:run") for name in MACHINES),
        row("cloudwatch:DeleteAlarms", f"cloudwatch:alarm:{OURS}-v1-0-errors"),
        row("logs:DeleteLogGroup", f"logs:log-group:/aws/sagemaker/Endpoints/{OURS}:log-stream:"),
        *each("events", "DisableRule EnableRule", *(f"events:rule/{physical(name)}" for name in event_rules())),
    ],
}  # fmt: skip
REFUSED: dict[str, list[Row]] = {
    "UploaderPolicy": [
        uploading("incoming/house-price/may.csv"), uploading("scoring/house-price/may.csv"),
        uploading("labels/house-price/may.csv"), uploading("labelled/churn/0a"),
        uploading("incoming/churn/may.csv", tag="*"), uploading("incoming/churn/may.csv", name="retrain-model-6"),
        uploading("incoming/house-price/may.csv", name="retrain-model-2"),
        row("s3:PutObject", f"{BUCKET}/incoming/churn/may.csv"),
        *(uploading(key) for key in (*PUBLISHED, "judged/churn/a", "pipelines/churn/a", "config/baselines/churn.json")),
        uploading("incoming/churn/may.csv", "s3:GetObject"), uploading("incoming/churn/may.csv", "s3:DeleteObject"),
        deciding("Approved"), *each("dynamodb", "GetItem UpdateItem", LEDGER),
        row("cloudformation:DescribeStacks", "cloudformation:stack/another/id"),
    ],
    "ReviewerPolicy": [
        deciding("PendingManualApproval"), row("sagemaker:UpdateModelPackage", PACKAGE),
        deciding("Approved", f"sagemaker:model-package/{THEIRS}/1"),
        *each("s3", "PutObject", *(f"{BUCKET}/{key}" for key in (*PUBLISHED, "incoming/churn/a", "judged/churn/a"))),
        *each("s3", "GetObject", f"{BUCKET}/incoming/churn/may.csv", f"{BUCKET}/datasets/churn/objects/0.csv"),
        *each("dynamodb", "PutItem UpdateItem DeleteItem", LEDGER),
        *(writing(key) for key in ("MODEL#churn", "LINK#a", "BALLOT#churn", "OPERATE#a")),
        writing("CONSOLE#a", "DeleteItem"),
        *each("sagemaker", "CreateModelPackage DeleteModelPackage", PACKAGE),
        row("sagemaker:CreateEndpoint", f"sagemaker:endpoint/{OURS}"),
        row("sagemaker:DescribeProcessingJob", f"sagemaker:processing-job/{THEIRS}"),
        row("sagemaker:DescribeTrainingJob", f"sagemaker:training-job/{THEIRS}"),
        row("sagemaker:ListTrainingJobsForHyperParameterTuningJob", f"sagemaker:hyper-parameter-tuning-job/{THEIRS}"),
        row("sagemaker:DescribeTransformJob", f"sagemaker:transform-job/{THEIRS}-v1-0"),
        row("sagemaker:DescribeEndpoint", f"sagemaker:endpoint/{THEIRS}"),
        row("sagemaker:DescribeEndpointConfig", f"sagemaker:endpoint-config/{THEIRS}-v1-0"),
        row("sagemaker:InvokeEndpoint", f"sagemaker:endpoint/{OURS}"),
        ("iam:PassRole", SERVING, PASSED),
    ],
    "PublisherPolicy": [
        deciding("Approved"), row("sns:Subscribe", REVIEWERS, sns__Protocol="https"), row("sns:Publish", REVIEWERS),
        row("sns:Subscribe", "sns:NotificationTopic", sns__Protocol="email"), row("sns:Subscribe", REVIEWERS),
        *each("sns", "GetSubscriptionAttributes SetSubscriptionAttributes", "sns:DecisionTopic", "sns:DecisionTopic:a"),
        *each("s3", "PutObject", *(f"{BUCKET}/{key}" for key in (
            "judged/churn/a", "pipelines/churn/a", "incoming/churn/a", "config/baselines/churn.json"))),
        *each("s3", "DeleteObject DeleteObjectVersion", *(f"{BUCKET}/{key}" for key in PUBLISHED)),
        ("iam:PassRole", SERVING, PASSED),
        ("iam:PassRole", "iam:role/PipelineRole", {"iam:PassedToService": "lambda.amazonaws.com"}),
        row("iam:PassRole", "iam:role/PipelineRole"),
        ("iam:PassRole", "iam:role/SchedulesRole", PASSED), row("iam:PassRole", "iam:role/SchedulesRole"),
        ("iam:PassRole", "iam:role/PipelineRole", TO_SCHEDULER),
        *each("scheduler", "CreateSchedule DeleteSchedule", f"{SCHEDULES}/{THEIRS}", OTHER_GROUP),
        row("scheduler:DeleteScheduleGroup", "scheduler:schedule-group/ModelSchedules"),
        *each("sagemaker", "CreatePipeline UpdatePipeline AddTags", f"sagemaker:pipeline/{THEIRS}"),
        *each("sagemaker", "CreateModelPackageGroup AddTags", f"sagemaker:model-package-group/{THEIRS}"),
        row("sagemaker:StartPipelineExecution", f"sagemaker:pipeline/{OURS}"),
        *each("iam", "CreateRole PutRolePolicy AttachRolePolicy", "iam:role/PipelineRole"),
        row("iam:CreateRole", JOBS), bounded("CreateRole", WIDER), attached(WIDER), attached(BOUND, WIDER),
        *(bounded(action, role=role) for action in ("CreateRole", "GetRole", "TagRole") for role in (
            f"iam:role/{THEIRS}-jobs-us-east-1", f"iam:role/{OURS}-jobs-eu-west-1", "iam:role/PipelineRole")),
        row("iam:CreateRole", SERVING), bounded("CreateRole", SERVES), bounded("CreateRole", BOUND, SERVING),
        attached(SERVES), attached(SERVES, SERVES), attached(BOUND, BOUND, SERVING), attached(BOUND, SERVES, SERVING),
        attached(SERVES, BOUND, SERVING), row("iam:AttachRolePolicy", SERVING, iam__PolicyARN=SERVES),
        *(attached(BOUND, role=role) for role in (f"iam:role/{THEIRS}-jobs-us-east-1", "iam:role/PipelineRole")),
        *(bounded(action) for action in ("PutRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary",
                                         "UpdateAssumeRolePolicy", "DeleteRole")),
        row("iam:AttachRolePolicy", JOBS, iam__PolicyARN=BOUND), ("iam:PassRole", JOBS, PASSED),
        *each("dynamodb", "GetItem UpdateItem", LEDGER),
        *each("logs", "CreateLogGroup PutRetentionPolicy AssociateKmsKey", f"{ENDPOINTS}/{THEIRS}:log-stream:",
              f"{ENDPOINTS}/{STACK}-x--churn:log-stream:", "logs:log-group:/aws/sagemaker/TrainingJobs:log-stream:"),
        *each("logs", "DeleteLogGroup GetLogEvents", f"{ENDPOINTS}/{OURS}:log-stream:"),
    ],
    "OperatorPolicy": [
        row("scheduler:CreateSchedule", SCHEDULE), row("scheduler:DeleteSchedule", OTHER_GROUP),
        deciding("Approved"), row("sagemaker:UpdateModelPackage", PACKAGE),
        *(writing(key, action) for key in ("LINK#a", "BALLOT#churn") for action in ("UpdateItem", "DeleteItem")),
        *(writing("MODEL#churn", attribute=name) for name in ("plan", "package_arn", "judged", "verdict", "run")),
        writing("TOKEN#a", attribute="token"), row("dynamodb:PutItem", LEDGER),
        *each("s3", "PutObject DeleteObject", *(f"{BUCKET}/{key}" for key in (*PUBLISHED, "judged/a", "incoming/a"))),
        *each("s3", "GetObject", f"{BUCKET}/incoming/churn/may.csv", f"{BUCKET}/judged/churn/a",
              f"{BUCKET}/datasets/churn/objects/0.csv"),
        row("s3:DeleteBucket", BUCKET), row("dynamodb:DeleteTable", LEDGER),
        row("kms:ScheduleKeyDeletion", "kms:key/a"),
        *each("sagemaker", "DeleteEndpoint", f"sagemaker:endpoint/{THEIRS}"),
        *each("sagemaker", "CreateEndpoint UpdateEndpoint", f"sagemaker:endpoint/{OURS}"),
        row("sagemaker:CreatePipeline", f"sagemaker:pipeline/{OURS}"),
        ("iam:PassRole", "iam:role/PipelineRole", PASSED), row("sqs:PurgeQueue", DEAD[0]),
        *each("lambda", "InvokeFunction", *(f"lambda:function:{name}Function" for name in (
            "DeployVersion", "ReceiveDecision", "RequestApproval", "ShowPage"))),
        *each("lambda", "InvokeFunction", f"lambda:function:{STACK}-ReceiveDecisionFunction-a1B",
              f"lambda:function:{STACK}-x-ReactToPipelineFunction-a1B"),
        *each("iam", "DeleteRole DetachRolePolicy", f"iam:role/{THEIRS}-jobs-us-east-1", "iam:role/PipelineRole",
              f"iam:role/{OURS}-jobs-eu-west-1", f"iam:role/{STACK}-PipelineRole-us-east-1"),
        *each("iam", "CreateRole AttachRolePolicy TagRole", JOBS), ("iam:PassRole", JOBS, PASSED),
        row("events:PutRule", "events:rule/UploadRule"),
        row("events:DisableRule", f"events:rule/{STACK}-x-UploadRule-a"),
        row("events:DisableRule", f"events:rule/{STACK}-x-ReactToEndpointFunctionEndpointChanged-a"),
        row("logs:DeleteLogGroup", "logs:log-group:/aws/sagemaker/TrainingJobs:log-stream:"),
        *each("logs", "CreateLogGroup PutRetentionPolicy AssociateKmsKey",
              "logs:log-group:/aws/sagemaker/TrainingJobs:log-stream:"),
        row("logs:DeleteLogGroup", f"logs:log-group:{STACK}-x-A-b:log-stream:"),
    ],
}  # fmt: skip


def person(policy: str) -> str:
    return ARNS["AWS::IAM::Role"].format(f"with-{policy}")


def ask(policy: str, asked: Row) -> AccessRequest:
    action, resource, context = asked
    arn = resource if resource == "*" else arn_of(resource)
    return AccessRequest(person(policy), action, arn, {name: (value,) for name, value in context.items()})


def held() -> Policies:
    """Each policy as that of somebody who has it alone."""
    return Policies({
        Where(person(name), "identity", number): statement
        for name, document in policies_of_people().items()
        for number, statement in enumerate(document["Statement"])
    })  # fmt: skip


def rows(table: dict[str, list[Row]]) -> list[tuple[str, Row]]:
    return [(policy, one) for policy, asked in table.items() for one in asked]


def test_every_policy_is_held_to_what_it_is_for() -> None:
    assert set(policies_of_people()) == set(PERMITTED) == set(REFUSED)


@pytest.mark.parametrize(("policy", "asked"), rows(PERMITTED))
def test_a_policy_permits_what_its_people_do(policy: str, asked: Row) -> None:
    assert held().decide(ask(policy, asked)).allowed


@pytest.mark.parametrize(("policy", "asked"), rows(REFUSED))
def test_a_policy_permits_nothing_else(policy: str, asked: Row) -> None:
    assert not held().decide(ask(policy, asked)).allowed


def test_without_any_one_part_of_a_policy_an_answer_is_another() -> None:
    asks = [ask(policy, asked) for table in (PERMITTED, REFUSED) for policy, asked in rows(table)]

    def near(where: Where) -> list[AccessRequest]:
        return [one for one in asks if one.principal == where.holder]

    assert survivors(held(), held().found, near) == []


@pytest.mark.parametrize("key", ["aws", "create"])
def test_a_policy_is_no_longer_than_iam_takes(key: str) -> None:
    texts = {name: json.dumps(document) for name, document in policies_of_people(EncryptionKey=key).items()}
    lengths = {name: len("".join(text.split())) + LONGER * text.count("arn:") for name, text in texts.items()}

    assert {name: length for name, length in lengths.items() if length > MOST_CHARACTERS} == {}


def test_with_a_key_everybody_uses_it_through_the_bucket_and_the_ledger() -> None:
    for document in policies_of_people(EncryptionKey="create").values():
        (keyed,) = (one for one in document["Statement"] if "kms:Decrypt" in values(one["Action"]))
        assert keyed["Resource"] == ARNS["AWS::KMS::Key"].format("StackKey")
        assert [pattern.partition(".")[0] for pattern in keyed["Condition"]["StringLike"]["kms:ViaService"]] == [
            "s3",
            "dynamodb",
        ]
