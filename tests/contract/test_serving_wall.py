"""The wall between what serves one model and what serves another: its endpoint and its batch transforms."""

from typing import Any

import pytest

from localcloud.iam.policies import AccessRequest, boundary, decide
from pipelines.publishing.model_roles import MODEL, ModelRole, Use
from tests.contract.role_policies import (
    ACCOUNT,
    ARNS,
    FORMER_SERVING_ROLE,
    REGION,
    SERVING_POLICY,
    STACK,
    policies_of_people,
    policy_of_model,
    synthesised,
)

BUCKET = ARNS["AWS::S3::Bucket"].format("DataBucket")
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
READ, WRITE, LIST = "s3:GetObject", "s3:PutObject", "s3:ListBucket"
MODELS = ("churn", "churn-rate")  # the one's name is how the other's begins
READABLE = ("judged", "transforms")
UNTOUCHED = (
    "datasets", "pipelines", "incoming", "quarantine", "scoring", "scored", "config/versions", "config/models",
    "config/baselines", "code",
)  # fmt: skip
DEPLOYS = ARNS["AWS::IAM::Role"].format("DeployVersionFunctionRole")
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker"


def serving_policy() -> dict[str, Any]:
    return policy_of_model(SERVING_POLICY)


def role(model: str, use: Use = Use.SERVING, stack: str = STACK, region: str = REGION) -> str:
    return ModelRole(stack, model, region, use, ARNS["AWS::IAM::ManagedPolicy"].format(SERVING_POLICY)).arn


def may(model: str, action: str, key: str, *, more: bool = False, tag: str | None = None) -> bool:
    """Whether what serves ``model`` may; ``more``: somebody attached a policy that permits everything."""
    context = {f"aws:PrincipalTag/{MODEL}": (model if tag is None else tag,)}
    resource = key if key.startswith("arn:") else BUCKET if action == LIST else f"{BUCKET}/{key}"
    ask = AccessRequest(role(model), action, resource, context | ({"s3:prefix": (key,)} if action == LIST else {}))
    policies = [serving_policy(), EVERYTHING] if more else [serving_policy()]
    return decide(ask, policies, [], [boundary(serving_policy())]).allowed


@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("action", [READ, LIST])
def test_what_serves_a_model_reads_what_was_judged_and_scored_of_it_alone(action: str, model: str, more: bool) -> None:
    other = next(name for name in MODELS if name != model)

    assert all(may(model, action, f"{folder}/{model}/a", more=more) for folder in READABLE)
    assert not any(may(model, action, f"{folder}/{other}/a", more=more) for folder in READABLE)
    assert not any(may(model, action, f"{folder}/", more=more) for folder in (*READABLE, *UNTOUCHED))
    assert not any(may(model, action, f"{folder}/{model}/a", more=more) for folder in UNTOUCHED)


@pytest.mark.parametrize("action", [READ, LIST])
def test_of_a_pipelines_outputs_it_reads_what_a_champion_is_asked_alone(action: str) -> None:
    assert may("churn", action, "pipelines/churn/e/Preprocess/records/records.jsonl")
    assert may("churn", action, "pipelines/churn/e/Split/records/records.jsonl")
    assert not may("churn", action, "pipelines/churn-rate/e/Preprocess/records/records.jsonl")
    assert not any(
        may("churn", action, f"pipelines/churn/e/{step}")
        for step in ("Preprocess/test/a", "Preprocess/train/a", "Train/model.tar.gz", "evaluation/evaluation.json")
    )


@pytest.mark.parametrize("more", [False, True])
def test_it_writes_what_its_transforms_answer_and_nothing_else(more: bool) -> None:
    assert may("churn", WRITE, "transforms/churn/job/out/records.jsonl.out", more=more)
    assert not may("churn", WRITE, "transforms/churn-rate/job/out/records.jsonl.out", more=more)
    assert not any(may("churn", WRITE, f"{folder}/churn/a", more=more) for folder in ("judged", *UNTOUCHED))
    assert not any(may("churn", action, "transforms/churn/a", more=more) for action in (
        "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectTagging", "s3:PutObjectAcl"))  # fmt: skip


@pytest.mark.parametrize("tag", ["*", "?hurn-rate", "", "churn-rat*"])
def test_a_tag_means_its_own_letters_and_no_pattern(tag: str) -> None:
    assert not may("churn", READ, "judged/churn-rate/a", tag=tag)
    assert not may("churn", WRITE, "transforms/churn-rate/a", tag=tag)


def test_it_writes_the_log_of_its_own_endpoint_and_of_transforms() -> None:
    for group in (f"Endpoints/{STACK}--churn", "TransformJobs"):
        assert may("churn", "logs:PutLogEvents", f"{LOGS}/{group}:log-stream:a")
    for group in (f"Endpoints/{STACK}--churn-rate", f"Endpoints/{STACK}--", "TrainingJobs", "ProcessingJobs"):
        assert not may("churn", "logs:PutLogEvents", f"{LOGS}/{group}:log-stream:a")


@pytest.mark.parametrize(
    "action",
    [
        "sagemaker:CreateModelPackage", "sagemaker:UpdateEndpoint", "sagemaker:CreateTransformJob", "sqs:SendMessage",
        "sns:Publish", "dynamodb:GetItem", "states:SendTaskSuccess", "iam:PassRole", "iam:CreateRole",
        "sts:AssumeRole", "lambda:InvokeFunction",
    ],
)  # fmt: skip
def test_it_deploys_starts_asks_and_decides_nothing(action: str) -> None:
    ask = AccessRequest(role("churn"), action, "*", {f"aws:PrincipalTag/{MODEL}": ("churn",)})

    assert not decide(ask, [serving_policy(), EVERYTHING], [], [boundary(serving_policy())]).allowed


@pytest.mark.parametrize(
    "passed",
    [
        role("churn", Use.JOBS), role("churn", stack="another"), role("churn", region="eu-west-1"),
        ARNS["AWS::IAM::Role"].format("PipelineRole"), FORMER_SERVING_ROLE,
    ],
)  # fmt: skip
def test_a_deployment_passes_roles_that_serve_and_no_others(passed: str) -> None:
    to_sagemaker = {"iam:PassedToService": ("sagemaker.amazonaws.com",)}

    assert synthesised().decide(AccessRequest(DEPLOYS, "iam:PassRole", role("churn"), to_sagemaker)).allowed
    assert not synthesised().decide(AccessRequest(DEPLOYS, "iam:PassRole", passed, to_sagemaker)).allowed


def former_may(action: str, key: str) -> bool:
    return synthesised().decide(AccessRequest(FORMER_SERVING_ROLE, action, f"{BUCKET}/{key}", {})).allowed


def test_what_an_earlier_release_deployed_keeps_the_role_by_which_its_instances_are_replaced() -> None:
    assume = AccessRequest("sagemaker.amazonaws.com", "sts:AssumeRole", FORMER_SERVING_ROLE)
    trusted = [one["Statement"]["Principal"] for one in synthesised().of(assume.resource, "trust")]

    assert trusted == [{"Service": "sagemaker.amazonaws.com"}]
    assert former_may(READ, "judged/churn/run/artifact-1/model.tar.gz")
    assert former_may(READ, "pipelines/churn/e/Train/model.tar.gz")
    assert former_may(READ, "transforms/churn/job/in/a")
    assert former_may(WRITE, "transforms/churn/job/out/a")
    assert not any(former_may(WRITE, f"{folder}/churn/a") for folder in ("judged", *UNTOUCHED))
    assert not any(former_may(READ, f"{folder}/churn/a") for folder in ("incoming", "datasets", "scored", "code"))


def test_the_role_of_what_an_earlier_release_deployed_is_passed_by_nobody() -> None:
    context = {"iam:PassedToService": ("sagemaker.amazonaws.com",)}
    callers = sorted({where.holder for where in synthesised().found if where.kind == "trust"})
    asks = [AccessRequest(caller, "iam:PassRole", FORMER_SERVING_ROLE, context) for caller in callers]

    assert not [ask.principal for ask in asks if synthesised().decide(ask).allowed]
    assert not [name for name, policy in policies_of_people().items() if decide(asks[0], [policy], []).allowed]
