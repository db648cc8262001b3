"""The template, the functions and the state machine name the same things."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from app.settings import VARIABLES, Settings
from ask_champion import MAX_RECEIVES
from samtranslator.yaml_helper import yaml_parse
from settings_used import used

from cli.stack.bundle import functions_zip
from tests.contract.role_policies import MODEL_ROLES

ROOT = Path(__file__).parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == "AWS::Serverless::Function"}
HANDLERS = {path.stem for path in (ROOT / "functions").glob("*.py")}
LARGEST_PACKAGE_BYTES = 5_000_000  # Lambda has boto3: it is not packed
OUTPUTS = {
    "DataBucketName",
    "StateMachineArn",
    "BeginRunFunctionName",
    "ScoringStateMachineArn",
    "LedgerTableName",
    "NotificationTopicArn",
    "ReviewersTopicArn",
    "DecisionTopicArn",
    "PageUrl",
    "PagePolicyArn",
    "PipelineRoleArn",
    "JobsPolicyArn",
    "ChampionQueueUrl",
    "ServingPolicyArn",
    "LogRetentionDays",
    "BeginRunFunctionArn",
    "ScheduleGroupName",
    "SchedulesRoleArn",
    "LostEventsQueueArn",
    "ArrivalsQueueUrl",
    "ArrivalsDeadLetterQueueUrl",
    "AlarmTopicArn",
    "LostEventsQueueUrl",
    "JobSubnetIds",
    "JobSecurityGroupIds",
    "JobNetworkIsolation",
    "EncryptionKeyArn",
    "UploaderPolicyArn",
    "ReviewerPolicyArn",
    "PublisherPolicyArn",
    "OperatorPolicyArn",
}
NAMES = {"BucketName", "TableName", "QueueName", "TopicName", "FunctionName", "RoleName", "StateMachineName"}


def statements() -> list[dict[str, Any]]:
    found = []
    for properties in FUNCTIONS.values():
        found += [one for policy in properties.get("Policies", []) for one in policy.get("Statement", [])]
    for name, one in RESOURCES.items():
        properties = one.get("Properties", {})
        documents = [
            policy["PolicyDocument"] for policy in properties.get("Policies", []) if "PolicyDocument" in policy
        ]
        documents += [properties["PolicyDocument"]] if one["Type"] == "AWS::IAM::Policy" or name in MODEL_ROLES else []
        said = [statement for document in documents for statement in document["Statement"]]
        found += [statement["Fn::If"][1] if "Fn::If" in statement else statement for statement in said]
    return found


def patterns() -> dict[str, dict[str, Any]]:
    found = {
        f"{name}.{event}": made["Properties"]["Pattern"]
        for name, properties in FUNCTIONS.items()
        for event, made in properties.get("Events", {}).items()
        if made["Type"] == "EventBridgeRule"
    }
    rules = {name: one for name, one in RESOURCES.items() if one["Type"] == "AWS::Events::Rule"}
    return found | {name: one["Properties"]["EventPattern"] for name, one in rules.items()}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Function")).lower()


def test_every_function_has_its_handler_and_every_handler_its_function() -> None:
    named = {name: properties["Handler"] for name, properties in FUNCTIONS.items()}

    assert named == {name: f"{snake(name)}.handler" for name in FUNCTIONS}
    assert {handler.removesuffix(".handler") for handler in named.values()} == HANDLERS


@pytest.mark.parametrize("handler", sorted(HANDLERS))
def test_a_function_declares_the_settings_that_it_uses_and_its_environment_has_just_those(handler: str) -> None:
    declared = set(getattr(importlib.import_module(handler), "SETTINGS", ()))
    own = FUNCTIONS[handler.title().replace("_", "") + "Function"].get("Environment", {}).get("Variables", {})

    assert declared == used(handler)
    assert set(own) == {VARIABLES[name].name for name in declared}


def test_what_all_functions_share_is_how_they_log() -> None:
    common = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]

    assert {name.partition("_")[0] for name in common} == {"POWERTOOLS"}


def test_every_setting_is_a_functions() -> None:
    assert {name for handler in HANDLERS for name in used(handler)} == set(VARIABLES) == set(Settings._fields)


def test_outputs_are_those_that_clients_need() -> None:
    assert set(TEMPLATE["Outputs"]) == OUTPUTS


def test_a_message_stays_hidden_for_six_timeouts_and_the_batching_window() -> None:
    function = FUNCTIONS["RecordArrivalFunction"]
    source = function["Events"]["Arrivals"]["Properties"]
    queue = RESOURCES["ArrivalsQueue"]["Properties"]

    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"] + source["MaximumBatchingWindowInSeconds"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_nothing_has_a_physical_name_of_its_own() -> None:
    own = {name: one for name, one in RESOURCES.items() if one["Type"] != "AWS::Lambda::Permission"}  # names another
    named = {f"{name}.{key}" for name, one in own.items() for key in NAMES & set(one.get("Properties", {}))}

    assert named == set()


def test_every_function_keeps_its_log_for_as_long_as_the_parameter_says() -> None:
    groups = {
        name: one["Properties"]["RetentionInDays"]
        for name, one in RESOURCES.items()
        if one["Type"] == "AWS::Logs::LogGroup"
    }

    assert groups == {f"{name.removesuffix('Function')}Logs": {"Ref": "LogRetentionDays"} for name in FUNCTIONS}


def test_every_function_names_its_log_group_which_is_therefore_there_before_its_first_line() -> None:
    """Lambda makes a group itself where there is none: without retention and key, and the stack's own then fails."""
    named = {name: one.get("LoggingConfig") for name, one in FUNCTIONS.items()}

    assert named == {name: {"LogGroup": {"Ref": f"{name.removesuffix('Function')}Logs"}} for name in FUNCTIONS}


@pytest.mark.parametrize("name", sorted(patterns()))
def test_every_rule_hears_only_its_own_stack(name: str) -> None:
    own = ("AWS::StackName", "DataBucket", "RetrainingStateMachine")

    assert any(mark in str(patterns()[name]["detail"]) for mark in own)


def test_a_star_stands_only_where_the_action_takes_no_arn() -> None:
    starred = {
        action
        for one in statements()
        if one["Resource"] == "*"
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    network = {
        f"ec2:Describe{what}" for what in ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"]
    }

    assert starred - network == {
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "sns:GetSubscriptionAttributes",
    }


def test_no_statement_allows_all_actions_of_a_service() -> None:
    actions = [
        action
        for one in statements()
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    ]

    assert [action for action in actions if "*" in action] == []
    assert "FullAccess" not in (ROOT / "template.yaml").read_text()


def test_the_bucket_is_versioned_encrypted_closed_and_speaks_tls_only() -> None:
    bucket = RESOURCES["DataBucket"]["Properties"]
    statement = RESOURCES["DataBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"] is True
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_what_the_functions_bring_along_is_powertools_and_jinja_and_their_own_needs_pinned_by_hash() -> None:
    text = (ROOT / "functions" / "requirements.txt").read_text().replace("\\\n", " ")
    pinned = {line.partition("==")[0]: line.count("--hash=sha256:") for line in text.splitlines() if line[0].isalpha()}

    assert set(pinned) == {"aws-lambda-powertools", "jmespath", "typing-extensions", "jinja2", "markupsafe"}
    assert all(pinned.values())


def test_the_functions_package_is_small() -> None:
    _, package = functions_zip(ROOT / "functions")

    assert len(package) < LARGEST_PACKAGE_BYTES


def test_the_last_time_that_a_champion_is_asked_is_the_queues_last() -> None:
    assert RESOURCES["ChampionQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] == MAX_RECEIVES


def test_functions_run_on_a_python_that_is_supported_wherever_nobody_says_otherwise() -> None:
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
    runtime = TEMPLATE["Parameters"]["LambdaRuntime"]
    stages = (ROOT / "samconfig.toml").read_text()
    (builds,) = re.findall(
        r'python-version: "([\d.]+)"', (ROOT / ".github" / "workflows" / "deploy-stage.yml").read_text()
    )

    assert runtime["Default"] == "python3.13"
    assert runtime["AllowedValues"] == ["python3.12", "python3.13", "python3.14"]
    assert set(re.findall(r"LambdaRuntime=([\w.]+)", stages)) <= {runtime["Default"]}
    assert f"python{builds}" == runtime["Default"]
