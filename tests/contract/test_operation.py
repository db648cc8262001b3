"""What keeps the stack safe and watched: keys, TLS, dead letters, traces, alarms and their runbooks."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == "AWS::Serverless::Function"}
RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text()
SECTIONS = set(re.findall(r"^## (\S+)$", RUNBOOKS, re.MULTILINE))
ELSEWHERE = {"endpoint-errors", "endpoint-latency", "monthly-cost"}  # made by each deployment; a budget
KEY = {"Fn::If": ["CreatesKey", {"Fn::GetAtt": ["StackKey", "Arn"]}, {"Ref": "EncryptionKey"}]}


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == kind}


ALARMS = of("AWS::CloudWatch::Alarm")


def slug(alarm: dict[str, Any]) -> str:
    found = re.search(r"docs/runbooks\.md#(\S+)$", alarm["AlarmDescription"])
    assert found, alarm["AlarmDescription"]
    return found[1]


def summed(alarm: dict[str, Any]) -> dict[str, list[str]]:
    """What an alarm adds up: metric -> functions. Those that it has no room for are in another of its runbook."""
    found: dict[str, list[str]] = {}
    for metric in (one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one):
        found.setdefault(metric["MetricName"], []).append(metric["Dimensions"][0]["Value"].get("Ref", ""))
    return found


def test_every_alarm_has_a_runbook_and_every_runbook_an_alarm() -> None:
    assert {slug(alarm) for alarm in ALARMS.values()} | ELSEWHERE == SECTIONS
    subjects = {(slug(alarm), *(summed(alarm) or [name])) for name, alarm in ALARMS.items()}
    assert len({slug(alarm) for alarm in ALARMS.values()}) == len(subjects)


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_runbook_says_what_it_means_where_to_look_and_what_to_do(section: str) -> None:
    body = RUNBOOKS.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]

    assert re.findall(r"^\*\*(.+?)\*\*:", body, re.MULTILINE) == ["Means", "First look", "Remedy"]


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_tells_somebody(name: str) -> None:
    assert ALARMS[name]["AlarmActions"] == ALARMS[name]["OKActions"] == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_silence_is_told_where_it_is_the_fault_and_puts_no_alarm_of_a_new_stack_into_alarm(name: str) -> None:
    """A new alarm has INSUFFICIENT_DATA, where it stays while data are ``missing``; going back there is told."""
    silence = name == "ReconcilerSilentAlarm"

    assert ALARMS[name]["TreatMissingData"] == ("missing" if silence else "notBreaching")
    assert ALARMS[name].get("InsufficientDataActions") == ([{"Ref": "AlarmTopic"}] if silence else None)


def test_errors_and_throttles_are_watched_of_every_function_that_an_event_starts() -> None:
    started = {name for name, properties in FUNCTIONS.items() if "Events" in properties}

    for metric in ("Errors", "Throttles"):
        groups = [summed(alarm)[metric] for alarm in ALARMS.values() if metric in summed(alarm)]
        assert sorted(name for group in groups for name in group) == sorted(started)
        assert all(len(group) <= 10 for group in groups)  # no more in one alarm


def test_an_event_that_a_function_cannot_take_is_kept() -> None:
    kinds = {name: {event["Type"] for event in one.get("Events", {}).values()} for name, one in FUNCTIONS.items()}
    asynchronous = {name for name, found in kinds.items() if found - {"SQS"}}
    asynchronous |= {"PostToChatFunction", "PostToDigestFunction", "PostToMlflowFunction"}  # news, functions
    asynchronous |= {"BeginRunFunction"}  # schedules
    kept = {name for name, one in FUNCTIONS.items() if "DeadLetterQueue" in one}

    assert kept == asynchronous


def test_every_queue_and_topic_speaks_tls_only() -> None:
    guarded = {}
    for kind, key in (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics")):
        for policy in of(kind).values():
            first = policy["PolicyDocument"]["Statement"][0]
            guarded[policy[key][0]["Ref"]] = (first["Sid"], first["Effect"], first["Condition"])
    deny = ("TlsOnly", "Deny", {"Bool": {"aws:SecureTransport": "false"}})

    assert guarded == dict.fromkeys({*of("AWS::SQS::Queue"), *of("AWS::SNS::Topic")}, deny)


def test_one_key_encrypts_all_that_is_kept() -> None:
    used = {"Fn::If": ["HasKey", KEY, {"Ref": "AWS::NoValue"}]}
    topics_and_queues = {**of("AWS::SQS::Queue"), **of("AWS::SNS::Topic")}
    rule = of("AWS::S3::Bucket")["DataBucket"]["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]

    assert all(one["KmsMasterKeyId"] == used for one in topics_and_queues.values())
    assert all(one["KmsKeyId"] == used for one in of("AWS::Logs::LogGroup").values())
    assert TEMPLATE["Globals"]["Function"]["KmsKeyArn"] == used
    assert rule["Fn::If"][1]["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY
    assert of("AWS::DynamoDB::Table")["LedgerTable"]["SSESpecification"]["Fn::If"][1]["KMSMasterKeyId"] == KEY


def test_without_a_key_the_table_is_on_the_key_that_aws_owns() -> None:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"""
    with_key, without = of("AWS::DynamoDB::Table")["LedgerTable"]["SSESpecification"]["Fn::If"][1:]

    assert with_key["SSEType"] == "KMS"
    assert without == {"Ref": "AWS::NoValue"}


def test_every_role_may_use_the_key() -> None:
    roles = {role["Ref"] for role in RESOURCES["UseKeyPolicy"]["Properties"]["Roles"]}
    own = {name for name, one in RESOURCES.items() if one["Type"] == "AWS::IAM::Role"}

    assert roles == {f"{name}Role" for name in FUNCTIONS} | own


def test_services_use_the_key_for_this_account_alone() -> None:
    statements = RESOURCES["StackKey"]["Properties"]["KeyPolicy"]["Statement"]
    services = {one["Sid"]: one for one in statements if "Service" in one["Principal"]}
    own = services.pop("EventsReachQueuesAndTopics")

    assert all(
        "SourceAccount" in str(one["Condition"]) or "aws:logs:arn" in str(one["Condition"]) for one in services.values()
    )
    assert {"cloudwatch.amazonaws.com", "budgets.amazonaws.com", "sns.amazonaws.com", "sqs.amazonaws.com"} == set(
        services["AlarmsAndBudgetsReachQueuesAndTopics"]["Principal"]["Service"]
    )
    assert own["Principal"] == {"Service": "events.amazonaws.com"}


def test_events_use_the_key_without_a_condition_on_their_source() -> None:
    """Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
    statements = RESOURCES["StackKey"]["Properties"]["KeyPolicy"]["Statement"]
    (own,) = [one for one in statements if "events.amazonaws.com" in str(one["Principal"])]

    assert own["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert "Condition" not in own


def test_a_trace_goes_through_functions_and_machine() -> None:
    assert TEMPLATE["Globals"]["Function"]["Tracing"] == "Active"
    assert RESOURCES["RetrainingStateMachine"]["Properties"]["Tracing"] == {"Enabled": True}


def test_the_dashboard_is_json_and_shows_what_matters() -> None:
    body = RESOURCES["OperationDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    shown = json.dumps(widgets)

    assert len({(one["x"], one["y"]) for one in widgets}) == len(widgets)
    for metric in (
        "RunsEnded",
        "GatesPassed",
        "GatesRefused",
        "StuckRuns",
        "RefusedMessages",
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "ModelLatency",
        "Invocation5XXErrors",
        "EstimatedCharges",
    ):
        assert metric in shown, metric


LOST = {"Fn::GetAtt": ["LostEventsQueue", "Arn"]}


def rules() -> dict[str, list[Any]]:
    """Each rule of the stack, and where what its targets did not get goes; a function's as SAM names it."""
    found = {
        name: [target.get("DeadLetterConfig", {}).get("Arn") for target in rule["Targets"]]
        for name, rule in of("AWS::Events::Rule").items()
    }
    for function, properties in FUNCTIONS.items():
        for name, event in properties.get("Events", {}).items():
            if event["Type"] in ("EventBridgeRule", "Schedule"):
                found[function + name] = [event["Properties"].get("DeadLetterConfig", {}).get("Arn")]
    return found


def subscriptions() -> list[tuple[str, Any]]:
    """The topic of each subscription, and where what its subscriber did not get goes."""
    events = [event for one in FUNCTIONS.values() for event in one.get("Events", {}).values()]
    found = [(one["TopicArn"]["Ref"], one) for one in of("AWS::SNS::Subscription").values()]
    found += [(one["Properties"]["Topic"]["Ref"], one["Properties"]) for one in events if one["Type"] == "SNS"]
    return [(topic, one.get("RedrivePolicy", {}).get("deadLetterTargetArn")) for topic, one in found]


def test_what_reaches_nobody_is_a_dead_letter_and_its_queue_admits_it() -> None:
    statements = {
        one["Sid"]: one for one in RESOURCES["LostEventsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    }
    of_rules = statements["EventsThatReachedNobody"]["Condition"]["ArnEquals"]["aws:SourceArn"]
    of_topics = statements["NotificationsThatReachedNobody"]["Condition"]["ArnEquals"]["aws:SourceArn"]

    assert [name for name, queues in rules().items() if queues != [LOST]] == []
    assert [topic for topic, queue in subscriptions() if queue != LOST] == []
    assert {one["Fn::GetAtt"][0] for one in of_rules} == set(rules())
    by_publishing = {"ReviewersTopic"}  # cli/stack/reviewers.py subscribes them
    assert {one["Ref"] for one in of_topics} == {topic for topic, _ in subscriptions()} | by_publishing
