"""Dead letters: what each is and where it goes is said before, and none is lost on the way."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import moto_world
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from cli.errors import UserError
from cli.plans import redrive
from cli.plans.redrive import Kept, Leave, Letter, Redrive
from cli.stack.target import Target

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/retrain--churn/3"
UPLOAD = {"detail-type": "Object Created", "detail": {"object": {"key": "incoming/churn/may.csv"}}}
TO_SCORE = {"detail-type": "Object Created", "detail": {"object": {"key": "scoring/churn/may.csv"}}}
TOPIC = "arn:aws:sns:us-east-1:123456789012:retrain"
DECISION = {"Type": "Notification", "TopicArn": f"{TOPIC}-DecisionTopic-1a2b", "Message": "{}"}
MAIL = {"Type": "Notification", "TopicArn": f"{TOPIC}-NotificationTopic-1a2b", "Subject": "churn: decide"}
QUESTION = {"token": "t", "pipelineExecutionArn": "arn:p", "arguments": {}}

SCHEDULED = {"model": "churn", "trigger": "schedule", "request": "2026-05-04T06:00:00Z"}
OF_A_SCHEDULE = {  # without an input
    "detail-type": "Scheduled Event", "source": "aws.scheduler", "detail": "{}",
    "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/retrain--churn"],
}  # fmt: skip
FOR_THE_CHAT = {"Records": [{"Sns": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:retrain-NotificationTopic-0a"}}]}


def event(kind: str, **detail: str) -> dict[str, Any]:
    return {"detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    ("queue", "body", "what", "to"),
    [
        ("arrivals", UPLOAD, "upload incoming/churn/may.csv", ("ArrivalsQueueUrl",)),
        ("events", QUESTION, "a pipeline's question to its champion", ("ChampionQueueUrl",)),
        ("events", {"Records": [{"Sns": {}}]}, "a message of the decision topic", ("ReceiveDecisionFunction",)),
        (
            "events",
            {"mirror": {"model": "churn", "run": "churn-1-a"}},
            "run churn-1-a for MLflow",
            ("PostToMlflowFunction",),
        ),
        ("events", FOR_THE_CHAT, "a notice for chat and digest", ("PostToChatFunction", "PostToDigestFunction")),
        ("events", {"digest": "due"}, "a mail with all news", ("PostToDigestFunction",)),
        ("events", UPLOAD, "upload incoming/churn/may.csv", ("ArrivalsQueueUrl",)),
        ("events", TO_SCORE, "Object Created of scoring/churn/may.csv", ("BeginScoringFunction",)),
        ("events", DECISION, "a message of the decision topic", ("ReceiveDecisionFunction",)),
        ("events", {"grace_s": 300}, "a reconciliation", ("ReconcileRunsFunction",)),
        ("events", SCHEDULED, "a request for a run of churn, by its schedule", ("BeginRunFunction",)),
        ("events", {"model": "churn"}, "a request for a run of churn", ("BeginRunFunction",)),
        ("events", OF_A_SCHEDULE, "Scheduled Event of retrain--churn", ("BeginRunFunction",)),
        (
            "events",
            event("SageMaker Model Package State Change", ModelPackageArn=PACKAGE),
            f"SageMaker Model Package State Change of {PACKAGE}",
            ("ReactToApprovalFunction",),
        ),
        (
            "events",
            event("Step Functions Execution Status Change", name="churn-1-a"),
            "Step Functions Execution Status Change of churn-1-a",
            ("FinishRunFunction", "ReactToEndpointFunction"),
        ),
    ],
)
def test_a_letter_goes_back_to_who_could_not_take_it(queue: str, body: Any, what: str, to: tuple[str, ...]) -> None:
    (change,) = redrive.plan([Letter(queue, "id", json.dumps(body), "receipt", "AccessDenied")])

    assert isinstance(change, Redrive)
    assert (change.what, change.to) == (what, to)
    assert change.subject.endswith("(was: AccessDenied)")


def test_a_decision_that_sns_could_not_deliver_comes_to_its_function_as_sns_sends_it() -> None:
    (change,) = redrive.plan([Letter("events", "id", json.dumps(DECISION), "receipt")])

    assert isinstance(change, Redrive)
    assert change.event == {"Records": [{"EventSource": "aws:sns", "Sns": DECISION}]}


def test_a_mail_that_was_not_delivered_is_told_of_and_stays() -> None:
    (change,) = redrive.plan([Letter("events", "id", json.dumps(MAIL), "receipt")])

    assert isinstance(change, Leave)
    assert change.subject == "a mail that was not delivered: churn: decide"


ODD = (
    "no JSON", "[]", "{}", '{"detail-type": "Weather"}', '{"Records": ["x"]}', '{"Records": 5}',
    '{"detail": {"object": 5}}', '{"model": 5}', '{"model": "churn", "task_token": "t"}',
)  # fmt: skip


@pytest.mark.parametrize("body", ODD)
def test_a_letter_that_nobody_is_known_to_take_stays(body: str) -> None:
    (change,) = redrive.plan([Letter("events", "id", body, "receipt")])

    assert isinstance(change, Leave)
    assert body in change.subject


@pytest.mark.parametrize("kind", ["SageMaker Endpoint State Change", "Scheduled Event"])
def test_an_event_that_says_nothing_of_what_it_is_of_stops_no_other_letter(kind: str) -> None:
    body = json.dumps({"detail-type": kind, "detail": "?", "resources": "?"})

    (change,) = redrive.plan([Letter("events", "id", body, "receipt")])

    assert change.what == f"{kind} of somebody"


def test_a_letters_texts_are_shown_and_not_obeyed() -> None:
    upload = {"detail": {"object": {"key": "incoming/churn/\x1b[2Jmay\n.csv"}}}
    (change,) = redrive.plan([Letter("arrivals", "id", json.dumps(upload), "receipt", "gone\r")])

    assert change.subject == r"upload incoming/churn/\x1b[2Jmay\n.csv -> ArrivalsQueueUrl (was: gone\r)"


def test_a_queue_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(UserError, match="there is no queue 'uploads'; there are arrivals, events"):
        redrive.chosen("uploads")


@dataclass
class Functions:
    """CloudFormation and Lambda as far as a letter needs them: what was invoked is kept."""

    invoked: list[tuple[str, str, bytes]] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)  # functions that this person may not invoke

    def get_paginator(self, operation: str) -> "Functions":
        assert operation == "list_stack_resources"
        return self

    def paginate(self, *, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        names = ("ReceiveDecisionFunction", "ReactToApprovalFunction", "BeginRunFunction")
        listed = [{"LogicalResourceId": one, "PhysicalResourceId": f"{StackName}-{one}-x"} for one in names]
        return [{"StackResourceSummaries": listed}]

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803
        if any(one in FunctionName for one in self.refuses):
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "Invoke")
        self.invoked.append((FunctionName, InvocationType, Payload))


@dataclass(frozen=True)
class Stack(Target):
    """A stack of queues, and functions that keep what they are given."""

    queues: tuple[tuple[str, str], ...] = ()
    functions: Functions = field(default_factory=Functions)

    def outputs(self) -> dict[str, str]:
        return dict(self.queues)

    def client(self, service: str) -> Any:
        return boto3.client("sqs") if service == "sqs" else self.functions

    def count(self, output: str) -> int:
        name = "ApproximateNumberOfMessages"
        asked = {"QueueUrl": self.outputs()[output], "AttributeNames": [name]}
        return int(boto3.client("sqs").get_queue_attributes(**asked)["Attributes"][name])

    def waiting(self, output: str) -> list[str]:
        asked = {"QueueUrl": self.outputs()[output], "MaxNumberOfMessages": 10, "VisibilityTimeout": 0}
        found = boto3.client("sqs").receive_message(**asked)
        return sorted(message["Body"] for message in found.get("Messages", []))


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    names = ("ArrivalsQueueUrl", "ArrivalsDeadLetterQueueUrl", "LostEventsQueueUrl", "ChampionQueueUrl")
    with mock_aws():
        boto3.DEFAULT_SESSION = moto_world.session()  # mock_aws puts back what was there
        sqs = boto3.client("sqs")
        queues = tuple((name, sqs.create_queue(QueueName=name)["QueueUrl"]) for name in names)
        yield Stack("http://127.0.0.1:1", queues=queues)


def dead(stack: Stack, output: str, *bodies: str) -> None:
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=stack.outputs()[output], MessageBody=body)


def test_every_letter_of_both_queues_goes_back_and_what_nobody_takes_stays(stack: Stack) -> None:
    uploads = [json.dumps(UPLOAD | {"id": str(number)}) for number in range(13)]
    decision = json.dumps({"Records": [{"Sns": {"MessageId": "m"}}]})
    dead(stack, "ArrivalsDeadLetterQueueUrl", *uploads)
    dead(stack, "LostEventsQueueUrl", decision, json.dumps(QUESTION), "no JSON")

    plan = redrive.plan(redrive.read(stack, redrive.chosen(None)))
    done = list(redrive.execute(stack, plan))

    assert (len(plan), len(done)) == (16, 15)
    assert stack.count("ArrivalsQueueUrl") == 13
    assert stack.waiting("ChampionQueueUrl") == [json.dumps(QUESTION)]
    assert stack.functions.invoked == [("retrain-ReceiveDecisionFunction-x", "Event", decision.encode())]
    assert (stack.waiting("ArrivalsDeadLetterQueueUrl"), stack.waiting("LostEventsQueueUrl")) == ([], ["no JSON"])


def test_a_letter_that_may_not_be_handed_over_stays_and_the_others_go(stack: Stack) -> None:
    decision = json.dumps({"Records": [{"Sns": {"MessageId": "m"}}]})
    approval = json.dumps({"detail-type": "SageMaker Model Package State Change", "detail": {}})
    dead(stack, "LostEventsQueueUrl", decision, approval)
    stack.functions.refuses.append("ReceiveDecisionFunction")

    outcomes = list(redrive.execute(stack, redrive.plan(redrive.read(stack, ["events"]))))

    (kept,) = (one for one in outcomes if isinstance(one, Kept))
    assert str(kept) == "a message of the decision topic: not authorized"
    assert [one.to for one in outcomes if isinstance(one, Redrive)] == [("ReactToApprovalFunction",)]
    assert stack.waiting("LostEventsQueueUrl") == [decision]
    assert [name for name, _, _ in stack.functions.invoked] == ["retrain-ReactToApprovalFunction-x"]


def test_letters_that_were_only_looked_at_can_be_seen_again(stack: Stack) -> None:
    dead(stack, "LostEventsQueueUrl", "one", "two")

    redrive.put_back(stack, redrive.read(stack, ["events"]))

    assert stack.waiting("LostEventsQueueUrl") == ["one", "two"]
    assert stack.functions.invoked == []


def of_schedule(stack: Stack, **attributes: str) -> list[Redrive | Leave]:
    """What becomes of an invocation that EventBridge Scheduler gave up: its input, as publishing makes it."""
    asked = SCHEDULED | {"request": "<aws.scheduler.scheduled-time>"}
    boto3.client("sqs").send_message(
        QueueUrl=stack.outputs()["LostEventsQueueUrl"], MessageBody=json.dumps(asked),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    )  # fmt: skip
    return redrive.plan(redrive.read(stack, ["events"]))


def test_what_a_schedule_gave_up_begins_the_run_of_its_own_time(stack: Stack) -> None:
    plan = of_schedule(stack, SCHEDULED_TIME="2026-05-04T06:00:00Z", ERROR_MESSAGE="Rate exceeded")

    assert [one.subject for one in plan] == [
        "a request for a run of churn, by its schedule -> BeginRunFunction (was: Rate exceeded)"
    ]
    assert len(list(redrive.execute(stack, plan))) == 1
    ((function, _, payload),) = stack.functions.invoked
    assert (function, json.loads(payload)) == ("retrain-BeginRunFunction-x", SCHEDULED)
    assert stack.waiting("LostEventsQueueUrl") == []


def test_what_a_schedule_gave_up_stays_where_nobody_knows_its_time(stack: Stack) -> None:
    (change,) = of_schedule(stack)

    assert isinstance(change, Leave)
    assert change.subject == (
        "a request for a run of churn, by its schedule, that does not say which: <aws.scheduler.scheduled-time>"
    )
