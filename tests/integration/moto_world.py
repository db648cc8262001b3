"""The stack's resources on moto in process, and what a test does with them through the handlers."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
import record_arrival
from app.decide.names.statuses import RunStatus
from app.decide.parsing import event_of
from app.decide.protection.judged_content import Judged, JudgedObject
from app.ledger import Ledger, ledger
from app.ledger.table import Write
from lambda_context import Context
from moto.sns.models import sns_backends
from published_churn import PUBLISHED

BUCKET, TABLE = "retrain-data", "retrain-ledger"
GOOD = b"customerID,tenure,Churn\nA,1,Yes\nB,2,No\n"
ROLE = "arn:aws:iam::123456789012:role/machine"


@dataclass
class World:
    """The stack's resources, and what a test does with them."""

    s3: Any
    sqs: Any
    stepfunctions: Any
    mails: str
    arrivals: str
    machine: str
    reviewers: str  # the topic on which each is asked alone

    @property
    def ledger(self) -> Ledger:
        return ledger()

    def publishes(self, **changes: Any) -> None:
        """The model is published again, with a changed model file."""
        document = PUBLISHED | {"model": PUBLISHED["model"] | changes}
        self.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=json.dumps(document).encode())

    def upload(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> dict[str, Any]:
        version = self.s3.put_object(Bucket=BUCKET, Key=key, Body=body, Metadata=metadata or {})["VersionId"]
        found = {"key": key, "size": len(body), "etag": "etag", "version-id": version}
        detail = {"bucket": {"name": BUCKET}, "object": found}
        return event_of("DatasetArrived", detail) | {"time": "2026-03-14T10:15:00Z"}

    def record(self, *events: Any) -> Any:
        bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.arrivals, MessageBody=body)
        received = self.sqs.receive_message(QueueUrl=self.arrivals, MaxNumberOfMessages=10).get("Messages", [])
        handles = {one["Body"]: one["ReceiptHandle"] for one in received}
        records = [
            {"messageId": str(number), "body": body, "receiptHandle": handles[body]}
            for number, body in enumerate(bodies)
        ]
        answer = record_arrival.handler({"Records": records}, Context())
        for one in received:
            self.sqs.delete_message(QueueUrl=self.arrivals, ReceiptHandle=one["ReceiptHandle"])
        return answer

    def keys(self, prefix: str) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]

    def document(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def mail(self) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=self.mails, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"])["Message"] for message in found]

    def subscribes(self, *reviewers: str) -> None:
        """Each reviewer takes what names them, as publishing has them asked, and has confirmed that."""
        for reviewer in reviewers:
            policy = json.dumps({"reviewer": [reviewer]})
            boto3.client("sns").subscribe(
                TopicArn=self.reviewers, Protocol="email", Endpoint=reviewer, Attributes={"FilterPolicy": policy}
            )

    def sent(self) -> list[tuple[str, str]]:
        """What reviewers were sent since the last look: to whom, and the message."""
        backend = sns_backends["123456789012"]["us-east-1"]
        topic = backend.topics[self.reviewers]
        subscriptions = [one for one in backend.subscriptions.values() if one.topic is topic]
        found = [
            (one.endpoint, message)
            for _, message, _, attributes, _ in topic.sent_notifications
            for one in subscriptions
            if not one._filter_policy_matcher or one._filter_policy_matcher.matches(attributes, message)
        ]
        topic.sent_notifications.clear()
        return found

    def executions(self) -> list[str]:
        found = self.stepfunctions.list_executions(stateMachineArn=self.machine)["executions"]
        return [execution["name"] for execution in found]

    def judged(self, **documents: Any) -> dict[str, Any]:
        """What a run's record keeps of documents that were judged: where each was written, and its copy."""
        objects = []
        for part, document in documents.items():
            body, key = json.dumps(document).encode(), f"pipelines/churn/{part}.json"
            versions = [
                self.s3.put_object(Bucket=BUCKET, Key=where, Body=body)["VersionId"] for where in (key, f"judged/{key}")
            ]
            of_part = JudgedObject(
                part, f"s3://{BUCKET}/{key}", versions[0], f"s3://{BUCKET}/judged/{key}", versions[1]
            )
            objects.append(of_part)
        return Judged((), tuple(objects)).document

    def registered(self, version: int, run: str) -> str:
        """A run judged this version of churn; the key of the copy of its artifact."""
        begun = {"id": run, "model": "churn", "status": str(RunStatus.DEPLOYED), "execution_arn": "arn", "timeline": []}
        judged = self.judged(artifact="as it was judged")
        self.ledger.write(Write("MODEL#churn", f"RUN#{run}", set=begun | {"judged": judged}))
        self.ledger.write(Write("MODEL#churn", f"VERSION#{version:08d}", set={"run": run}))
        return "judged/pipelines/churn/artifact.json"

    def replaces(self, key: str) -> None:
        """Somebody writes another object there."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=b"of somebody else")

    def run(self) -> str:
        batch = self.ledger.open_batch("churn")
        assert batch
        return batch.run


def ledger_table(client: Any, name: str) -> None:
    """A table for a ledger, with nothing in it."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


@cache
def session() -> boto3.Session:
    """The session of all worlds: a new one looks up all services and ways to sign in, longer than a test."""
    return boto3.Session()


def made(monkeypatch: pytest.MonkeyPatch) -> World:
    """The stack's resources on moto, and the environment that names them."""
    s3, sns, sqs, machines = (boto3.client(name) for name in ("s3", "sns", "sqs", "stepfunctions"))
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=json.dumps(PUBLISHED).encode())
    ledger_table(boto3.client("dynamodb"), TABLE)
    topic = sns.create_topic(Name="news")["TopicArn"]
    mails = sqs.create_queue(QueueName="mails")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:mails")
    reviewers = sns.create_topic(Name="reviewers")["TopicArn"]
    arrivals = sqs.create_queue(QueueName="arrivals")["QueueUrl"]
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    machine = machines.create_state_machine(name="Retraining", definition=definition, roleArn=ROLE)["stateMachineArn"]
    letters = {name: sqs.create_queue(QueueName=f"lost-{name}")["QueueUrl"] for name in ("arrivals", "events")}
    for name, value in {
        "STACK_NAME": "retrain",
        "DATA_BUCKET": BUCKET,
        "LEDGER_TABLE": TABLE,
        "NOTIFICATION_TOPIC_ARN": topic,
        "REVIEWERS_TOPIC_ARN": reviewers,
        "ARRIVALS_QUEUE_URL": arrivals,
        "CHAMPION_QUEUE_URL": sqs.create_queue(QueueName="champion")["QueueUrl"],
        "ARRIVALS_LETTERS_URL": letters["arrivals"],
        "EVENTS_LETTERS_URL": letters["events"],
        "QUIET_SECONDS": "60",
        "MAX_WAIT_SECONDS": "900",
        "MAX_PIPELINES": "15",
        "STATE_MACHINE_ARN": machine,
        "PAGE_URL": "https://page.test/",
    }.items():
        monkeypatch.setenv(name, value)
    return World(s3, sqs, machines, mails, arrivals, machine, reviewers)
