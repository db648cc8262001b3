"""Callers that write to a local cloud from several threads until they kill it, and note what it acknowledged."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cloud import CloudServer, eventually

ROLE = "arn:aws:iam::123456789012:role/machine"
SEND = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
ADD = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
PUT = "attribute_not_exists(id)"


class Account:
    """A bucket, a table, queues and a machine, and what was acknowledged of them, whichever process it was."""

    def __init__(self, cloud: CloudServer) -> None:
        self.objects: dict[str, bytes] = {}
        self.deleted: set[str] = set()
        self.items: set[str] = set()
        self.added = self.tried_to_add = 0
        self.pairs: set[str] = set()
        self.sent: set[str] = set()
        self.taken: set[str] = set()
        self.events: set[str] = set()
        self.started: set[str] = set()
        self.answered: set[str] = set()
        self._things(cloud)

    def _things(self, cloud: CloudServer) -> None:
        sqs = cloud.client("sqs")
        cloud.client("s3").create_bucket(Bucket="bucket")
        cloud.client("dynamodb").create_table(
            TableName="table",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        self.queues = {
            name: sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
            for name in ("kept", "taken", "heard", "tokens")
        }
        cloud.client("events").put_rule(Name="rule", EventPattern='{"source": ["writers"]}')
        heard = "arn:aws:sqs:us-east-1:123456789012:heard"
        cloud.client("events").put_targets(Rule="rule", Targets=[{"Id": "heard", "Arn": heard}])
        told = {"QueueUrl": self.queues["tokens"], "MessageBody.$": "$$.Task.Token"}
        wait = {"Type": "Task", "Resource": SEND, "Parameters": told, "End": True}
        self.machine = cloud.client("stepfunctions").create_state_machine(
            name="machine", roleArn=ROLE, definition=json.dumps({"StartAt": "Wait", "States": {"Wait": wait}})
        )["stateMachineArn"]


class Writers:
    """Threads that write until their cloud is gone: whoever has its ``most``-th write acknowledged kills it."""

    def __init__(self, account: Account, cloud: CloudServer, most: int) -> None:
        self._account = account
        self._process = cloud.process
        self._client = cloud.client
        self._left = most
        self._lock = threading.Lock()
        self.refused: list[str] = []
        for service in ("s3", "dynamodb", "sqs", "events", "stepfunctions"):
            cloud.client(service)  # made here: boto3 makes one at a time
        acts = (self.put_object, self.delete_object, self.put_item, self.count, self.transact, self.send, self.take,
                self.tell, self.start, self.answer)  # fmt: skip
        self._threads = [threading.Thread(target=self._write, args=(act,)) for act in acts]

    def write(self) -> None:
        """Write until the cloud was killed and all have heard of it."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), thread.name

    def _write(self, act: Callable[[str], None]) -> None:
        for number in itertools.count():
            try:
                act(f"{uuid.uuid4().hex}-{number}")
            except BotoCoreError:
                return
            except ClientError as error:
                self.refused.append(str(error))
            self._acknowledged()

    def _acknowledged(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._process.kill()

    def put_object(self, name: str) -> None:
        """An object, some of them large."""
        body = name.encode() * (4000 if name.endswith("3") else 1)
        self._client("s3").put_object(Bucket="bucket", Key=name, Body=body)
        self._account.objects[name] = body

    def delete_object(self, name: str) -> None:
        """An object that goes again."""
        self._client("s3").put_object(Bucket="bucket", Key=name, Body=b"x")
        self._client("s3").delete_object(Bucket="bucket", Key=name)
        self._account.deleted.add(name)

    def put_item(self, name: str) -> None:
        """An item that is new."""
        self._client("dynamodb").put_item(TableName="table", Item={"id": {"S": name}}, ConditionExpression=PUT)
        self._account.items.add(name)

    def count(self, _: str) -> None:
        """One more."""
        self._account.tried_to_add += 1
        self._client("dynamodb").update_item(TableName="table", Key={"id": {"S": "counter"}}, **ADD)
        self._account.added += 1

    def transact(self, name: str) -> None:
        """Two items or none."""
        items = [{"TableName": "table", "Item": {"id": {"S": f"{half} {name}"}}} for half in ("left", "right")]
        self._client("dynamodb").transact_write_items(TransactItems=[{"Put": item} for item in items])
        self._account.pairs.add(name)

    def send(self, name: str) -> None:
        """A message."""
        self._client("sqs").send_message(QueueUrl=self._account.queues["kept"], MessageBody=name)
        self._account.sent.add(name)

    def take(self, name: str) -> None:
        """A message that is received and deleted."""
        queue = self._account.queues["taken"]
        self._client("sqs").send_message(QueueUrl=queue, MessageBody=name)
        for message in self._client("sqs").receive_message(QueueUrl=queue).get("Messages", ()):
            self._client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            self._account.taken.add(message["Body"])

    def tell(self, name: str) -> None:
        """An event, of which a queue hears."""
        entry = {"Source": "writers", "DetailType": "told", "Detail": json.dumps({"name": name})}
        self._client("events").put_events(Entries=[entry])
        self._account.events.add(name)

    def start(self, name: str) -> None:
        """An execution that waits for a token."""
        states, machine = self._client("stepfunctions"), self._account.machine
        if len(self._account.started) < 2 * len(self._account.answered) + 20:
            found = states.start_execution(stateMachineArn=machine, name=name[:40])
            self._account.started.add(found["executionArn"])
        else:
            states.describe_state_machine(stateMachineArn=machine)

    def answer(self, _: str) -> None:
        """A token that is answered."""
        queue = self._account.queues["tokens"]
        found = self._client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1)
        for message in found.get("Messages", ()):
            with contextlib.suppress(self._client("stepfunctions").exceptions.TaskTimedOut):  # answered before
                self._client("stepfunctions").send_task_success(taskToken=message["Body"], output="1")
            self._account.answered.add(message["Body"])
            self._client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def lost(account: Account, cloud: CloudServer) -> dict[str, Any]:
    """What was acknowledged and is not there, by kind; empty where nothing is lost."""
    found = _lost_objects(account, cloud) | _lost_items(account, cloud) | _lost_messages(account, cloud)
    found |= _lost_executions(account, cloud)
    return {kind: what for kind, what in found.items() if what}


def _lost_objects(account: Account, cloud: CloudServer) -> dict[str, Any]:
    s3 = cloud.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket")
    keys = {entry["Key"] for page in pages for entry in page.get("Contents", ())}
    others = [key for key in sorted(account.objects.keys() & keys)[::7] if _body(s3, key) != account.objects[key]]
    return {"objects": account.objects.keys() - keys, "deleted objects": account.deleted & keys, "bodies": others}


def _body(s3: Any, key: str) -> bytes:
    return bytes(s3.get_object(Bucket="bucket", Key=key)["Body"].read())


def _lost_items(account: Account, cloud: CloudServer) -> dict[str, Any]:
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName="table")
    rows = {row["id"]["S"]: row for page in pages for row in page["Items"]}
    lefts, rights = ({name[len(half) + 1 :] for name in rows if name.startswith(half)} for half in ("left", "right"))
    count = int(rows["counter"]["n"]["N"]) if "counter" in rows else 0
    return {
        "items": account.items - rows.keys(),
        "halves of transactions": lefts ^ rights,
        "transactions": account.pairs - lefts,
        "counts": [] if account.added <= count <= account.tried_to_add else [account.added, count],
    }


def _lost_messages(account: Account, cloud: CloudServer) -> dict[str, Any]:
    """What is there is taken out, so that the next look finds only what comes until then."""
    sqs = cloud.client("sqs")
    kept = {name: set() for name in ("kept", "taken", "heard")}  # type: dict[str, set[str]]

    def receive(name: str, wanted: set[str]) -> bool:
        found = sqs.receive_message(QueueUrl=account.queues[name], MaxNumberOfMessages=10, VisibilityTimeout=30)
        kept[name] |= {message["Body"] for message in found.get("Messages", ())}
        return not found.get("Messages") and wanted <= {_name_in(body) for body in kept[name]}

    eventually(lambda: receive("kept", account.sent), 30, "messages")
    eventually(lambda: receive("heard", account.events), 30, "events")
    eventually(lambda: receive("taken", set()), 30, "messages that were not taken")
    for name in kept:
        sqs.purge_queue(QueueUrl=account.queues[name])
    found = account.taken & kept["taken"]
    for known in (account.sent, account.events, account.taken):
        known.clear()
    return {"taken messages": found}


def _name_in(body: str) -> str:
    return str(json.loads(body)["detail"]["name"]) if body.startswith("{") else body


def _lost_executions(account: Account, cloud: CloudServer) -> dict[str, Any]:
    states = cloud.client("stepfunctions")
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=account.machine)
    found = {entry["executionArn"]: entry["status"] for page in pages for entry in page["executions"]}
    odd = {arn for arn, status in found.items() if status not in ("RUNNING", "SUCCEEDED")}

    def succeeded() -> bool:
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=account.machine, statusFilter="SUCCEEDED"
        )
        return sum(len(page["executions"]) for page in pages) >= len(account.answered)

    eventually(succeeded, 30, "the ends of executions that were answered")
    return {"executions": account.started - found.keys(), "executions that ended otherwise": odd}
