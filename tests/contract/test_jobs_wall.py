"""The wall between models' jobs: a model's role reads and writes that model's data, whatever is attached to it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from localcloud.iam.policies import AccessRequest, boundary, decide
from pipelines.publishing.model_roles import MODEL, MOST_NAME, ModelRole, Use
from tests.contract.role_policies import ACCOUNT, ARNS, JOBS_POLICY, MODEL_ROLES, REGION, STACK, policy_of_model
from tests.contract.test_people_policies import LONGER, MOST_CHARACTERS

BUCKET = ARNS["AWS::S3::Bucket"].format("DataBucket")
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
READ, WRITE, LIST = "s3:GetObject", "s3:PutObject", "s3:ListBucket"
MODELS = ("churn", "churn-rate")  # the one's name is how the other's begins
READABLE = ("datasets", "config/versions", "pipelines", "judged", "transforms")
UNTOUCHED = ("incoming", "quarantine", "scoring", "scored", "config/models", "config/pipelines", "config/baselines")


def jobs_policy() -> dict[str, Any]:
    return policy_of_model(JOBS_POLICY)


def role(model: str) -> ModelRole:
    return ModelRole(STACK, model, REGION, Use.JOBS, ARNS["AWS::IAM::ManagedPolicy"].format(JOBS_POLICY))


def may(model: str, action: str, key: str, *, more: bool = False, tag: str | None = None) -> bool:
    """Whether a job of ``model`` may; ``more``: somebody attached a policy that permits everything."""
    context = {f"aws:PrincipalTag/{MODEL}": (model if tag is None else tag,)}
    resource = BUCKET if action == LIST else f"{BUCKET}/{key}"
    ask = AccessRequest(role(model).arn, action, resource, context | ({"s3:prefix": (key,)} if action == LIST else {}))
    return decide(ask, [jobs_policy(), EVERYTHING] if more else [jobs_policy()], [], [boundary(jobs_policy())]).allowed


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_a_job_writes_below_its_own_models_prefix_alone(model: str, more: bool) -> None:
    other = next(name for name in MODELS if name != model)

    assert may(model, WRITE, f"pipelines/{model}/e/Train/model.tar.gz", more=more)
    assert not may(model, WRITE, f"pipelines/{other}/e/Train/model.tar.gz", more=more)
    assert not any(
        may(model, WRITE, f"{folder}/{model}/a", more=more)
        for folder in (*READABLE, *UNTOUCHED)
        if folder != "pipelines"
    )
    assert not may(model, WRITE, "code/0/evaluate.py", more=more)
    assert not any(may(model, action, f"pipelines/{model}/a", more=more) for action in (
        "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectTagging", "s3:PutObjectAcl"))  # fmt: skip


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("action", [READ, LIST])
def test_a_job_reads_and_lists_its_own_models_data_and_the_code_alone(action: str, more: bool) -> None:
    for folder in READABLE:
        assert may("churn", action, f"{folder}/churn/a", more=more)
        assert not may("churn", action, f"{folder}/churn-rate/a", more=more)
        assert not may("churn", action, f"{folder}/", more=more)
    assert may("churn", action, "code/0/", more=more)
    assert not any(may("churn", action, f"{folder}/churn/a", more=more) for folder in UNTOUCHED)


@pytest.mark.parametrize("tag", ["*", "?hurn-rate", "", "churn-rat*"])
def test_a_tag_means_its_own_letters_and_no_pattern(tag: str) -> None:
    assert not may("churn", READ, "datasets/churn-rate/a", tag=tag)
    assert not may("churn", WRITE, "pipelines/churn-rate/a", tag=tag)


def test_a_role_without_the_tag_reaches_no_data() -> None:
    ask = AccessRequest(role("churn").arn, READ, f"{BUCKET}/datasets/churn/a")

    assert not decide(ask, [jobs_policy()]).allowed
    assert decide(replace(ask, context={f"aws:PrincipalTag/{MODEL}": ("churn",)}), [jobs_policy()]).allowed


@pytest.mark.parametrize(
    "action",
    [
        "sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage", "sagemaker:CreateProcessingJob",
        "sagemaker:UpdateEndpoint", "sqs:SendMessage", "sns:Publish", "dynamodb:GetItem", "dynamodb:UpdateItem",
        "states:SendTaskSuccess", "iam:PassRole", "iam:CreateRole", "sts:AssumeRole", "lambda:InvokeFunction",
    ],
)  # fmt: skip
def test_a_job_registers_starts_asks_and_decides_nothing(action: str) -> None:
    ask = AccessRequest(role("churn").arn, action, "*", {f"aws:PrincipalTag/{MODEL}": ("churn",)})

    assert not decide(ask, [jobs_policy(), EVERYTHING], [], [boundary(jobs_policy())]).allowed


@pytest.mark.parametrize("policy", MODEL_ROLES)
def test_a_policy_of_models_is_no_longer_than_iam_takes(policy: str) -> None:
    text = json.dumps(policy_of_model(policy, EncryptionKey="create", SubnetIds="subnet-1", SecurityGroupIds="sg-1"))

    assert len("".join(text.split())) + LONGER * text.count("arn:") <= MOST_CHARACTERS


def test_a_role_is_named_after_stack_model_and_region_and_of_a_long_name_keeps_what_tells_it_apart() -> None:
    assert role("churn").name == f"{STACK}--churn-jobs-{REGION}"
    assert role("churn").arn == f"arn:aws:iam::{ACCOUNT}:role/{STACK}--churn-jobs-{REGION}"
    long = [replace(role("m" * 50 + end), region="ap-southeast-1").name for end in ("a", "b")]

    assert all(len(name) == MOST_NAME and name.endswith("-jobs-ap-southeast-1") for name in long)
    assert all(name.startswith(f"{STACK}--mmm") for name in long)
    assert len(set(long)) == 2


@pytest.mark.parametrize("action", ["logs:CreateLogStream", "logs:PutLogEvents"])
def test_a_job_writes_no_line_into_the_logs_of_what_serves(action: str) -> None:
    def writes(group: str) -> bool:
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/{group}:log-stream:a"
        ask = AccessRequest(role("churn").arn, action, arn, {f"aws:PrincipalTag/{MODEL}": ("churn",)})
        return decide(ask, [jobs_policy()], [], [boundary(jobs_policy())]).allowed

    assert all(writes(group) for group in ("ProcessingJobs", "TrainingJobs", "TransformJobs"))
    assert not any(writes(f"Endpoints/{STACK}--{model}") for model in (*MODELS, "Jobs"))
