"""Who may use the stack's key for what, and what stays readable once it is the stack's key no more."""

import fnmatch
from collections.abc import Iterator

import pytest
from app.decide.protection import encryption
from samtranslator.yaml_helper import yaml_parse

from localcloud.iam.policies import AccessRequest, values
from pipelines.model import instance_type_rules
from tests.contract.least_privilege import with_managed
from tests.contract.role_policies import ACCOUNT, ARNS, MODEL_ROLES, REGION, ROOT, STACK, Policies, Where, synthesised
from tests.contract.weakened import survivors

KEY = ARNS["AWS::KMS::Key"].format("StackKey")
FORMER = ARNS["AWS::KMS::Key"].format("former")
WITH_KEY = synthesised(EncryptionKey="create")
PLACE = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
TAG = "aws:ResourceTag/retrain-stack"
FORMER_SERVICES = ("s3", "dynamodb", "sqs")
SERVICES = (*FORMER_SERVICES, "sns", "lambda")
OF_JOBS = {
    ARNS["AWS::IAM::Role"].format(name)
    for name in (
        "PipelineRole", "EndpointRole", "AskChampionFunctionRole", "DeployVersionFunctionRole",
        "ReactToEndpointFunctionRole", "StartTransformFunctionRole",
    )
} | {*MODEL_ROLES.values()}  # fmt: skip
MACHINES = {ARNS["AWS::IAM::Role"].format(name) for name in ("RetrainingStateMachineRole", "ScoringStateMachineRole")}


def roles() -> list[str]:
    """All but the state machines', which hold no data."""
    return sorted({where.holder for where in WITH_KEY.found if where.kind == "trust"} - MACHINES)


def reaches(caller: str, service: str) -> bool:
    """What is a model's reaches the bucket alone."""
    return caller not in MODEL_ROLES.values() or service == "s3"


def via(service: str) -> dict[str, tuple[str, ...]]:
    return {"kms:ViaService": (f"{service}.{REGION}.amazonaws.com",)}


def permitted(policies: Policies, caller: str, action: str, key: str, **context: tuple[str, ...]) -> bool:
    return with_managed(policies).decide(AccessRequest(caller, action, key, context)).allowed


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey"])
def test_every_role_uses_the_key_through_the_services_that_hold_data_and_in_no_other_way(
    service: str, action: str
) -> None:
    for caller in roles():
        assert permitted(WITH_KEY, caller, action, KEY, **via(service)) == reaches(caller, service)
        assert not permitted(WITH_KEY, caller, action, KEY, **via("ec2"))
        assert not permitted(WITH_KEY, caller, action, KEY)
        assert not permitted(WITH_KEY, caller, action, FORMER, **via(service))


def test_only_those_who_start_jobs_and_endpoints_grant_the_key_to_a_volume_and_to_nothing_else() -> None:
    grants = {"kms:GrantIsForAWSResource": ("true",)}
    allowed = {caller for caller in roles() if permitted(WITH_KEY, caller, "kms:CreateGrant", KEY, **grants)}

    assert allowed == OF_JOBS
    assert not any(permitted(WITH_KEY, caller, "kms:CreateGrant", KEY) for caller in roles())
    for action in ("kms:DescribeKey", "kms:Encrypt"):
        assert {caller for caller in roles() if permitted(WITH_KEY, caller, action, KEY)} == OF_JOBS


@pytest.mark.parametrize("service", FORMER_SERVICES)
@pytest.mark.parametrize("encryption_key", ["aws", "create"])
def test_what_a_former_key_encrypted_stays_readable_and_nobody_elses(service: str, encryption_key: str) -> None:
    policies, ours = synthesised(EncryptionKey=encryption_key), {TAG: (STACK,)}
    for caller in roles():
        assert permitted(policies, caller, "kms:Decrypt", FORMER, **via(service), **ours) == reaches(caller, service)
        assert not permitted(policies, caller, "kms:Decrypt", FORMER, **via(service), **{TAG: ("another",)})
        assert not permitted(policies, caller, "kms:Decrypt", FORMER, **ours)
        assert not permitted(policies, caller, "kms:GenerateDataKey", FORMER, **via(service), **ours)


def test_the_stacks_key_bears_its_tag_and_outlives_the_stacks_use_of_it() -> None:
    key = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["StackKey"]

    assert key["Properties"]["Tags"] == [{"Key": "retrain-stack", "Value": {"Ref": "AWS::StackName"}}]
    assert key["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize(
    ("region", "suffix"), [("us-east-1", ""), ("us-gov-west-1", ""), ("cn-north-1", ""), ("cn-north-1", ".cn")]
)
def test_the_services_are_known_by_their_names_in_every_partition(region: str, suffix: str) -> None:
    wanted = [
        pattern.replace(REGION, region)
        for statement in WITH_KEY.found.values()
        for pattern in values(statement.get("Condition", {}).get("StringLike", {}).get("kms:ViaService", []))
    ]
    found = {service for service in SERVICES if any(matches(one, service, region, suffix) for one in wanted)}

    assert found == set(SERVICES)


def matches(pattern: str, service: str, region: str, suffix: str) -> bool:
    return fnmatch.fnmatchcase(f"{service}.{region}.amazonaws.com{suffix}", pattern)


def test_the_keys_own_policy_is_for_its_own_account_and_services() -> None:
    statements = [one for where, one in WITH_KEY.found.items() if where.holder == KEY]
    said = {statement["Sid"]: statement["Principal"] for statement in statements}

    assert said["AccountDecidesByIam"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert said["LogsOfFunctionsAndEndpoints"] == {"Service": f"logs.{REGION}.amazonaws.com"}
    assert set(said) == {
        "AccountDecidesByIam",
        "EventsReachQueuesAndTopics",
        "AlarmsAndBudgetsReachQueuesAndTopics",
        "LogsOfFunctionsAndEndpoints",
    }


def test_what_eventbridge_may_do_with_the_key_hangs_on_no_condition() -> None:
    """SNS documents that EventBridge's use of a topic's key takes no condition on the source, its account or its ARN:
    with one, no event would reach a topic.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    allowed = [
        one for where, one in WITH_KEY.found.items()
        if where.holder == KEY and "events.amazonaws.com" in values(one["Principal"].get("Service", []))
    ]  # fmt: skip
    asks = [AccessRequest("events.amazonaws.com", action, KEY, {}) for action in ("kms:Decrypt", "kms:GenerateDataKey")]

    assert [one["Sid"] for one in allowed] == ["EventsReachQueuesAndTopics"]
    assert "Condition" not in allowed[0]
    assert all(with_managed(WITH_KEY).decide(ask).allowed for ask in asks)


def questions() -> Iterator[AccessRequest]:
    """Every role's every use of either key, through each service and through none."""
    contexts = [{}, *(via(service) for service in (*SERVICES, "ec2"))]
    contexts += [{**one, TAG: (tag,)} for one in contexts for tag in (STACK, "another")]
    contexts.append({"kms:GrantIsForAWSResource": ("true",)})
    for caller in roles():
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:DescribeKey", "kms:Encrypt"):
            for key in (KEY, FORMER):
                yield from (AccessRequest(caller, action, key, context) for context in contexts)


def services_at_the_key() -> Iterator[AccessRequest]:
    """What AWS's services ask of the key, from this account and from another."""
    group = f"{PLACE}:{STACK}-a"
    logs = {"kms:EncryptionContext:aws:logs:arn": (group,)}
    elsewhere = {"kms:EncryptionContext:aws:logs:arn": (group.replace("log-group:", "log-group:/aws/"),)}
    of_endpoint = {"kms:EncryptionContext:aws:logs:arn": (f"{PLACE}:/aws/sagemaker/Endpoints/{STACK}--churn",)}
    anothers = {"kms:EncryptionContext:aws:logs:arn": (f"{PLACE}:/aws/sagemaker/Endpoints/{STACK}-x--churn",)}
    for action in ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey"):
        for context in (logs, elsewhere, of_endpoint, anothers):
            yield AccessRequest(f"logs.{REGION}.amazonaws.com", f"kms:{action}", KEY, context)
        for service in ("events", "cloudwatch", "budgets", "sns", "sqs"):
            for account in (ACCOUNT, "999999999999"):
                source = {"aws:SourceAccount": (account,)}
                yield AccessRequest(f"{service}.amazonaws.com", f"kms:{action}", KEY, source)


def test_without_any_one_part_of_a_statement_about_keys_an_answer_is_another() -> None:
    policies, asks = with_managed(WITH_KEY), [*questions(), *services_at_the_key()]
    about_keys = {
        where: one
        for where, one in WITH_KEY.found.items()
        if any(action.startswith("kms:") for action in values(one["Action"]))
        and one.get("Sid") != "AccountDecidesByIam"
    }

    def near(where: Where) -> list[AccessRequest]:
        return [ask for ask in asks if where.holder in (ask.principal, ask.resource)]

    assert len({where.holder for where in about_keys}) == len(roles()) + 1
    assert survivors(policies, about_keys, near) == []


@pytest.mark.parametrize("use", sorted(instance_type_rules.SHAPES))
def test_app_and_publishing_say_the_same_of_instances_with_storage_of_their_own(use: str) -> None:
    for kind in instance_type_rules.known(use):
        assert instance_type_rules.has_local_storage(kind) == encryption.has_local_storage(kind)
