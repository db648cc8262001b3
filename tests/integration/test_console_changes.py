"""What the console changes, and for whom: uploads are withdrawn and dead letters sent again by whoever has a link that
may, by no other site's page, and by nobody else.
"""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from app.aws import clients
from app.decide.pages.links import console_hash, operating_hash
from app.ledger.batches import now
from app.settings import settings
from botocore.response import StreamingBody
from botocore.stub import Stubber
from decision_pages import FORM, OWN, ask
from moto_world import GOOD, World

READS, OPERATES = "R" * 43, "O" * 43
HARM = "<img src=x onerror=alert(1)>"
UPLOAD = {"detail-type": "Object Created", "detail": {"object": {"key": "incoming/churn/may.csv"}}}
DECISION = {"Type": "Notification", "TopicArn": "arn:aws:sns:us-east-1:123456789012:retrain-DecisionTopic-a"}
ENDED = {"detail-type": "Step Functions Execution Status Change", "detail": {"name": "churn-1-a"}}


@pytest.fixture
def console(world: World) -> World:
    """Two uploads were accepted; one link reads for an hour, another one operates."""
    for name in ("april", "may"):
        world.record(world.upload(f"incoming/churn/{name}.csv", GOOD + name.encode() + b",3,No\n"))
    world.ledger.add_console_link(console_hash(READS), now() + timedelta(hours=1))
    world.ledger.add_operating_link(operating_hash(OPERATES), now() + timedelta(hours=1))
    return world


def link(secret: str, place: str = "/models/churn") -> str:
    return f"https://page.test/console/{secret}{place}"


def post(secret: str, fields: dict[str, str], place: str = "/models/churn", **headers: str) -> dict[str, Any]:
    return ask(link(secret, place), "POST", OWN | {"content-type": FORM} | headers, urlencode(fields))


def withdrawing(world: World, **changed: str) -> dict[str, str]:
    """The form that withdraws may.csv."""
    (upload,) = (one["sk"] for one in world.ledger.accepted("churn", 9) if one["key"].endswith("may.csv"))
    return {"upload": upload, "who": "Ada", "reason": "wrong month", "change": "withdraw"} | changed


def withdrawn(world: World) -> dict[str, str]:
    return {one["key"]: one.get("withdrawn", "") for one in world.ledger.accepted("churn", 9)}


def lies(queue: str, *letters: dict[str, Any]) -> None:
    for letter in letters:
        url = settings(f"{queue}_letters_url")._asdict()[f"{queue}_letters_url"]
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(letter))


def test_an_upload_is_withdrawn_by_whoever_says_who_and_why(console: World) -> None:
    answered = post(OPERATES, withdrawing(console))

    assert (answered["statusCode"], answered["headers"]["Location"]) == (303, f"/console/{OPERATES}/models/churn")
    assert withdrawn(console) == {
        "incoming/churn/april.csv": "",
        "incoming/churn/may.csv": f"wrong month (Ada, not proven, {now():%Y-%m-%d})",
    }
    after = ask(link(OPERATES))["body"]
    assert "withdrawn: wrong month (Ada, not proven" in after
    assert after.count('type="radio"') == 1


def test_a_model_has_its_uploads_and_a_form_for_who_may_change_things_alone(console: World) -> None:
    reads, operates = ask(link(READS))["body"], ask(link(OPERATES))["body"]

    assert all("may.csv" in body and "april.csv" in body for body in (reads, operates))
    assert ("<form" in reads, "<form" in operates) == (False, True)
    assert "retrain open --operate" in reads


def test_an_upload_that_a_run_left_out_says_why(console: World) -> None:
    run = console.ledger.runs("churn")[0].id
    upload = next(one for one in console.ledger.accepted("churn", 9) if one["key"].endswith("may.csv"))
    left_out = [{"key": upload["key"], "version_id": upload["version_id"], "why": f"deleted {HARM}"}]
    console.ledger.update_run(run, "batch closed", plan={"deadline_s": 1}, left_out=left_out)

    body = ask(link(READS))["body"]

    assert "left out: deleted &lt;img" in body
    assert "<img" not in body


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"upload": ""}, "Choose the upload"), ({"upload": "00000001#OBJECT#x"}, "No such upload was accepted"),
        ({"upload": "REFUSED#a"}, "No such upload was accepted"), ({"who": " "}, "Say who you are"),
        ({"who": "x" * 101}, "Say who you are"), ({"reason": ""}, "Give a reason"),
        ({"reason": "x" * 901}, "Give a reason"),
    ],
)  # fmt: skip
def test_a_form_that_lacks_something_changes_nothing_and_keeps_what_was_typed(
    console: World, changed: dict[str, str], said: str
) -> None:
    answered = post(OPERATES, withdrawing(console, **changed))

    assert answered["statusCode"] == 400
    assert said in answered["body"]
    assert set(withdrawn(console).values()) == {""}
    assert f'value="{(changed | {"who": "Ada"})["who"].strip()}"' in answered["body"] or "who" in changed


def test_an_upload_that_was_withdrawn_before_says_so(console: World) -> None:
    first, again = (post(OPERATES, withdrawing(console, reason=reason)) for reason in ("wrong month", "another"))

    assert (first["statusCode"], again["statusCode"]) == (303, 400)
    assert "It was withdrawn before." in again["body"]
    assert "wrong month" in withdrawn(console)["incoming/churn/may.csv"]


def test_the_first_page_counts_dead_letters_and_names_alarms(console: World) -> None:
    lies("events", UPLOAD, DECISION)
    alarm = {"Namespace": "Retrain", "MetricName": "x", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
             "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum"}  # fmt: skip
    watch = boto3.client("cloudwatch")
    for name in ("retrain-RunsFailAlarm-1A2B", "retrain-2-RunsFailAlarm-1A2B", "retrain-EventsLostAlarm-1A2B"):
        watch.put_metric_alarm(AlarmName=name, AlarmDescription=f"A run failed {HARM}", **alarm)
    for name in ("retrain-RunsFailAlarm-1A2B", "retrain-2-RunsFailAlarm-1A2B"):
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="1 is more than 0")

    reads, operates = (ask(link(secret, "/"))["body"] for secret in (READS, OPERATES))

    assert "1 in alarm" in reads
    assert "RunsFail</b>: A run failed &lt;img" in reads
    assert "2 in events" in reads
    assert ("<form" in reads, "<form" in operates) == (False, True)


@pytest.mark.parametrize(
    ("service", "call", "said"),
    [
        ("cloudwatch", "describe_alarms", "Alarms are not shown"),
        ("sqs", "get_queue_attributes", "Dead letters are not counted"),
    ],
)
def test_the_first_page_leaves_out_what_it_may_not_read_and_says_so(
    console: World, service: str, call: str, said: str
) -> None:
    lies("events", UPLOAD)
    with Stubber(clients.client(service)) as refusing:
        refusing.add_client_error(call, "AccessDenied", "not authorized")
        answered = ask(link(READS, "/"))

    assert answered["statusCode"] == 200
    assert said in answered["body"]
    assert "churn" in answered["body"]
    assert said not in ask(link(READS, "/"))["body"]


class Invoked:
    """Lambda and CloudFormation, as far as letters need them."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []

    def get_paginator(self, operation: str) -> Invoked:
        assert operation == "list_stack_resources"
        return self

    def paginate(self, *, StackName: str) -> list[dict[str, Any]]:  # noqa: N803 - as AWS calls it
        names = ("FinishRunFunction", "ReactToEndpointFunction", "ReceiveDecisionFunction", "BeginRunFunction")
        listed = [{"LogicalResourceId": one, "PhysicalResourceId": f"{StackName}-{one}"} for one in names]
        return [{"StackResourceSummaries": listed}]

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803
        self.events.append((FunctionName, json.loads(Payload)))


def test_dead_letters_go_back_to_who_could_not_take_them_and_a_decision_stays(
    console: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoked, real = Invoked(), clients.client
    fakes = {"lambda": invoked, "cloudformation": invoked}
    monkeypatch.setattr(
        "app.aws.functions.client", lambda service: fakes[service] if service in fakes else real(service)
    )
    lies("arrivals", UPLOAD)
    lies("events", ENDED, DECISION, {"weather": HARM})

    answered = post(OPERATES, {"change": "redrive"}, "/")

    assert answered["statusCode"] == 200
    assert "2 sent again" in answered["body"]
    assert "a decision is sent again by `retrain redrive` alone" in answered["body"]
    assert "<img" not in answered["body"]
    assert [name for name, _ in invoked.events] == ["retrain-FinishRunFunction", "retrain-ReactToEndpointFunction"]
    assert {json.dumps(event) for _, event in invoked.events} == {json.dumps(ENDED)}
    (back,) = boto3.client("sqs").receive_message(QueueUrl=console.arrivals)["Messages"]
    assert json.loads(back["Body"]) == UPLOAD
    assert "2 in events" in ask(link(READS, "/"))["body"]


def test_what_a_schedule_gave_up_begins_its_run_from_the_page(console: World, monkeypatch: pytest.MonkeyPatch) -> None:
    invoked, real = Invoked(), clients.client
    fakes = {"lambda": invoked, "cloudformation": invoked}
    monkeypatch.setattr("app.aws.functions.client", lambda service: fakes.get(service) or real(service))
    asked = {"model": "churn", "trigger": "schedule", "request": "<aws.scheduler.scheduled-time>"}
    boto3.client("sqs").send_message(
        QueueUrl=settings("events_letters_url").events_letters_url, MessageBody=json.dumps(asked),
        MessageAttributes={"SCHEDULED_TIME": {"DataType": "String", "StringValue": "2026-05-04T06:00:00Z"}},
    )  # fmt: skip

    answered = post(OPERATES, {"change": "redrive"}, "/")

    assert "1 sent again" in answered["body"]
    assert invoked.events == [("retrain-BeginRunFunction", asked | {"request": "2026-05-04T06:00:00Z"})]


def answering(world: World, body: bytes) -> dict[str, Any]:
    """Try a record on an endpoint that answers so; the page."""
    expected = {"EndpointName": "retrain--churn", "Body": b'tenure\n"12,5"\n', "ContentType": "text/csv",
                "Accept": "application/json"}  # fmt: skip
    response = {"Body": StreamingBody(io.BytesIO(body), len(body))}
    with Stubber(clients.client("sagemaker-runtime", clients.PATIENT)) as runtime:
        runtime.add_response("invoke_endpoint", response, expected)
        return post(OPERATES, {"column-0": "12,5", "change": "try"}, "/models/churn/try")


def test_a_record_is_tried_by_a_form_with_a_field_for_each_column(console: World) -> None:
    form = ask(link(OPERATES, "/models/churn/try"))["body"]
    said = {"predictions": [{"probability": 0.25, "label": f"No {HARM}"}], "unknown_levels": {"plan": 1}}

    answered = answering(console, json.dumps(said).encode())

    assert '<label for="column-0">tenure</label>' in form
    assert answered["statusCode"] == 200
    assert "<dt>probability</dt><dd><b>0.2500</b></dd>" in answered["body"]
    assert "No &lt;img" in answered["body"]
    assert "plan: no level that the model knows" in answered["body"]
    assert 'value="12,5"' in answered["body"]
    assert "<img" not in answered["body"]


def test_a_record_that_the_endpoint_refuses_says_why_and_keeps_what_was_typed(console: World) -> None:
    with Stubber(clients.client("sagemaker-runtime", clients.PATIENT)) as runtime:
        runtime.add_client_error("invoke_endpoint", "ModelError", f"column tenure {HARM}", 400)
        answered = post(OPERATES, {"column-0": "many", "change": "try"}, "/models/churn/try")

    assert answered["statusCode"] == 400
    assert "column tenure &lt;img" in answered["body"]
    assert 'value="many"' in answered["body"]


def test_a_model_that_answers_files_has_no_form(console: World) -> None:
    console.publishes(deployment={"mode": "batch"})

    assert ask(link(OPERATES, "/models/churn/try"))["statusCode"] == 404


ATTACKS: dict[str, tuple[int, Any]] = {
    "a link that reads": (403, lambda world: post(READS, withdrawing(world))),
    "a link that reads redrives": (403, lambda world: post(READS, {"change": "redrive"}, "/")),
    "a link that reads tries": (403, lambda _: post(READS, {"change": "try"}, "/models/churn/try")),
    "a link that reads opens the form": (403, lambda _: ask(link(READS, "/models/churn/try"))),
    "another site tries": (403, lambda _: post(OPERATES, {"change": "try"}, "/models/churn/try", origin="https://e.test")),
    "a try elsewhere": (400, lambda _: post(OPERATES, {"change": "try"})),
    "a guessed secret": (404, lambda world: post("G" * 43, withdrawing(world))),
    "another site's form": (403, lambda world: post(OPERATES, withdrawing(world), **{"sec-fetch-site": "cross-site"})),
    "another origin": (403, lambda world: post(OPERATES, withdrawing(world), origin="https://evil.test")),
    "another site redrives": (403, lambda _: post(OPERATES, {"change": "redrive"}, "/", origin="https://evil.test")),
    "a link that is followed": (200, lambda world: ask(f"{link(OPERATES)}?{urlencode(withdrawing(world))}")),
    "a link that is followed redrives": (200, lambda _: ask(f"{link(OPERATES, '/')}?change=redrive")),
    "no form": (400, lambda world: post(OPERATES, withdrawing(world), **{"content-type": "text/plain"})),
    "a field said twice": (400, lambda world: ask(
        link(OPERATES), "POST", OWN | {"content-type": FORM}, f"{urlencode(withdrawing(world))}&who=Eve")),
    "another change": (400, lambda world: post(OPERATES, withdrawing(world, change="erase"))),
    "a redrive of a model": (400, lambda _: post(OPERATES, {"change": "redrive"})),
    "a withdrawal of another model": (400, lambda world: post(OPERATES, withdrawing(world), "/models/other")),
    "a form to a run": (400, lambda world: post(OPERATES, withdrawing(world), "/runs/churn-1-a")),
    "a form to a version": (400, lambda world: post(OPERATES, withdrawing(world), "/models/churn/versions/1")),
    "a link that is over": (410, lambda world: (
        world.ledger.add_operating_link(operating_hash(OPERATES), now() - timedelta(seconds=1)),
        post(OPERATES, withdrawing(world)))[1]),
    "the hash of a secret": (404, lambda world: post(operating_hash(OPERATES)[:43], withdrawing(world))),
    "another method": (405, lambda world: ask(link(OPERATES), "DELETE")),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_who_may_not_change_things_changes_nothing(console: World, attack: str) -> None:
    lies("events", UPLOAD)
    status, act = ATTACKS[attack]
    runtime = clients.client("sagemaker-runtime", clients.PATIENT)
    with Stubber(clients.client("lambda")), Stubber(runtime):  # whatever is invoked is an error
        answered = act(console)

    assert answered["statusCode"] == status
    assert set(withdrawn(console).values()) == {""}
    assert "1 in events" in ask(link(READS, "/"))["body"]


def test_a_secret_that_reads_is_none_that_operates(console: World) -> None:
    assert console_hash(READS) != operating_hash(READS)
    assert console.ledger.operating_open_until(operating_hash(READS)) == ""
    assert console.ledger.console_open_until(console_hash(OPERATES)) == ""
