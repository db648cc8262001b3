"""Every list of kinds stands once: messages, notices, waiters, reacting functions; the rest is held against it."""

import ast
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from app.decide import notifications
from app.decide.approval.ballots import ReviewRule
from app.decide.approval.review_mails import not_yet_notice, review_notice
from app.decide.messages import RunEnded
from app.decide.names.statuses import RunStatus
from app.decide.operating.digests import KeptNews, digest_notice
from app.decide.outside.chat_messages import Told
from app.decide.parsing import MESSAGES, Shape
from app.decide.reconciliation import ReactingFunction
from app.decide.run_plans import Refusal
from app.decide.watching.notices import held_back_notice, uncounted_notice
from app.decide.watching.policy import Cause, Decision, Hold
from app.errors import BadMessage
from app.ledger.task_tokens import WaiterKind
from handlers import HANDLERS, message_of, message_types
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
FUNCTIONS = {
    one["Properties"]["Handler"].partition(".")[0]: one["Properties"]
    for one in RESOURCES.values()
    if one["Type"] == "AWS::Serverless::Function"
}
MACHINES = "".join(path.read_text() for path in (ROOT / "statemachine").glob("*.yaml"))
RULES = [one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::Events::Rule"]
HEAR_NEWS = [
    one["Properties"]["Endpoint"]["Fn::GetAtt"][0]
    for one in RESOURCES.values()
    if one["Type"] == "AWS::SNS::Subscription" and one["Properties"]["Protocol"] == "lambda"
]
WITH_URLS = [
    one["Properties"]["TargetFunctionArn"]["Fn::GetAtt"][0]
    for one in RESOURCES.values()
    if one["Type"] == "AWS::Lambda::Url"
]
INVOKED = {"post_to_digest"}  # by the reconciler, beside the topic
QUEUED = {rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]: rule["EventPattern"] for rule in RULES}
FILE = Refusal("churn", "quarantine/f", "quarantine/f.reason.json", {"file": "f", "version_id": "v"})
END = RunEnded("churn", "churn-1-a", "arn", RunStatus.DEPLOYED, ())
REFUSAL = {"message": "m", "file": "f", "version_id": "v", "quarantined_as": "k"}
SAMPLES = {
    "refused": notifications.refusal_notice(
        "churn", [{"message": "m", "file": "f", "version_id": "v", "quarantined_as": "k"}]
    ),
    "files-refused": notifications.files_refused_notice("churn", "churn-1-a", "line 3", []),
    "approval": notifications.approval_notice("churn", "churn-1-a", 3, "arn", {}, 60),
    "review": review_notice(
        "ada@example.org", notifications.approval_draft("churn", "churn-1-a", 3, "arn", {}, 60, link="https://page")
    ),
    "counted": not_yet_notice(
        ReviewRule("churn", ("ada@example.org",), 2), "churn-1-a", 3, "2026-03-14T10:15:00.000Z", "1 of 2 yes"
    ),
    "reminder": notifications.reminder_notice(
        "churn", "churn-1-a", 3, "half of the time has passed", "2026-03-14T10:15:00.000Z"
    ),
    "ended": notifications.end_notice(END),
    "held-back": held_back_notice("churn", Decision(Cause.DRIFT, ("why",), Hold.ASK, "it asks"), "w1"),
    "uncounted": uncounted_notice("churn", 3, 2, "2026-03-14"),
    "scoring": notifications.scoring_notice("id", "may.csv", "Scored", (), 2, "scored/may.csv"),
    "kept": notifications.still_serving_notice("churn", 3, 1),
    "waiting": notifications.waiting_notice("churn", "run", 3, "arn", "no instances"),
    "taken-away": notifications.taken_away_notice("churn", "retrain--churn-v3-aaaaaaaa"),
    "stray": notifications.stray_notice("churn", 3),
    "decision-refused": notifications.decision_notice("id", "{}", "why", "churn"),
    "digest": digest_notice(
        [KeptNews("2026-03-14T10:15:00.000Z", Told("a", "ended", "churn", "churn: Deployed", "It"))]
    ),
}


LONGEST_SUBJECT, LONGEST_FIRST_LINE = 60, 120  # characters: a phone shows a subject of about forty, and breaks lines


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_mail_says_first_what_it_is_about(kind: str) -> None:
    notice = SAMPLES[kind]
    first = notice.text.splitlines()[0]

    assert notice.subject.startswith(("churn", "may.csv"))
    assert len(notice.subject) <= LONGEST_SUBJECT
    assert 0 < len(first) <= LONGEST_FIRST_LINE


@pytest.mark.parametrize(
    "asked",
    [
        notifications.approval_notice("churn", "churn-1-a", 3, "arn", {}, 60, link="https://page", owner="Ada"),
        notifications.reminder_notice(
            "churn", "churn-1-a", 3, "half of the time has passed", "2026-03-14T10:15:00.000Z", link="https://page"
        ),
        SAMPLES["review"],
    ],
)
def test_a_mail_that_asks_says_so_first_and_has_its_link_in_the_second_line(asked: notifications.Notice) -> None:
    lines = asked.text.splitlines()

    assert "your decision" in lines[0]
    assert lines[1] == "https://page"
    assert "do not pass it on" in lines[2]


def test_one_file_is_no_files() -> None:
    one, two = (notifications.files_refused_notice("churn", "churn-1-a", "why", [FILE] * count) for count in (1, 2))

    assert one.subject == "churn: 1 accepted file left out"
    assert one.text.startswith("The job of run churn-1-a cannot use 1 accepted file; the run goes on without it.\n")
    assert two.text.startswith("The job of run churn-1-a cannot use 2 accepted files; the run goes on without them.\n")


def function_name(handler: str) -> str:
    return handler.title().replace("_", "") + "Function"


def of_pattern(pattern: dict[str, Any], queued: bool = False) -> Shape:
    (source,), (detail_type,) = pattern["source"], pattern["detail-type"]
    return Shape("event", source, detail_type, queued)


def given(handler: str) -> set[Shape]:
    """The shapes in which template and machines give a function its messages."""
    found = {Shape("task")} if f"${{{function_name(handler)}Arn}}" in MACHINES else set()
    found |= {Shape("request")} if function_name(handler) in WITH_URLS else set()
    found |= {Shape("news")} if function_name(handler) in HEAR_NEWS else set()
    found |= {Shape("invocation")} if handler in INVOKED else set()
    for event in FUNCTIONS[handler].get("Events", {}).values():
        if event["Type"] == "EventBridgeRule":
            found.add(of_pattern(event["Properties"]["Pattern"]))
        elif event["Type"] == "SQS":
            queue = event["Properties"]["Queue"]["Fn::GetAtt"][0]
            found.add(of_pattern(QUEUED[queue], queued=True) if queue in QUEUED else Shape("queue message"))
        else:
            found.add({"SNS": Shape("notification"), "Schedule": Shape("invocation")}[event["Type"]])
    return found or {Shape("invocation")}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_is_given_the_messages_that_it_parses(handler: str) -> None:
    assert given(handler) <= set(MESSAGES[message_of(handler)])


@pytest.mark.parametrize("name", message_types())
def test_a_message_comes_to_a_function_in_each_of_its_shapes(name: str) -> None:
    assert {shape for handler in HANDLERS if message_of(handler) == name for shape in given(handler)} == set(
        MESSAGES[name]
    )


@pytest.mark.parametrize("name", sorted(name for name in message_types() if MESSAGES[name][-1].envelope == "event"))
def test_an_event_of_another_kind_is_refused_by_name(name: str) -> None:
    message = message_types()[name]
    event = {"source": "aws.somebody", "detail-type": "Something Happened", "detail": {}}

    with pytest.raises(BadMessage, match=f"{name} is '.*' of aws.*, not 'Something Happened' of aws.somebody"):
        message.parse(json.dumps(event))


def test_a_notice_of_a_kind_that_is_there_already_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="notices of kind 'ended' are written twice"):
        notifications.notice("ended")(lambda: notifications.Draft("", [], {}, ()))


def test_the_documentation_lists_every_kind_of_notice_and_its_attributes() -> None:
    section = (ROOT / "docs" / "deploying.md").read_text().split("## Who is notified")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \|.*\|(.*)\|$", section, re.MULTILINE)
    listed = {kind: set(re.findall(r"`(\w+)`", attributes)) for kind, attributes in rows}

    assert set(listed) == set(notifications.NOTICES) == set(SAMPLES)
    assert listed == {kind: set(notice.attributes) - {"id", "kind", "urgent"} for kind, notice in SAMPLES.items()}
    assert all(notice.attributes["kind"] == kind for kind, notice in SAMPLES.items())


def test_every_end_of_a_run_has_its_sentence() -> None:
    assert set(notifications.ENDINGS) == {status for status in RunStatus if status.final}


@pytest.mark.parametrize("kind", WaiterKind)
def test_every_kind_of_waiter_is_a_module_that_resumes_it(kind: WaiterKind) -> None:
    assert callable(importlib.import_module(f"app.flow.{kind}").resume_waiter)


def test_every_module_that_resumes_a_waiter_is_a_kind() -> None:
    flow = ROOT / "functions" / "app" / "flow"
    resuming = {
        path.stem
        for path in flow.glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "resume_waiter"
    }

    assert resuming == set(WaiterKind)


def test_the_template_names_every_function_that_the_reconciler_invokes() -> None:
    variables = FUNCTIONS["reconcile_runs"]["Environment"]["Variables"]
    named = dict(re.findall(r"(\w+)=\$\{(\w+)\}", variables["REACTING_FUNCTIONS"]["Fn::Sub"]))

    assert set(named) == set(ReactingFunction)
    assert set(named.values()) <= set(RESOURCES)


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_is_described_as_its_file_describes_itself(handler: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / "functions" / f"{handler}.py").read_text())) or ""
    first = docstring.splitlines()[0].removeprefix("Lambda: ")

    assert FUNCTIONS[handler]["Description"] == first[0].upper() + first[1:]
