"""A program: a local cloud in this process does each kind of work again and again; prints what is left of each.

``python live_objects.py FOLDER ROUNDS`` prints, as JSON, the number of live objects of each type before and after, by
kind of work. Every memory that has a limit gets a small one, so that what grows beyond it is seen soon.
"""

from __future__ import annotations

import gc
import io
import json
import sys
import threading
import time
import zipfile
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from localcloud import server

LIMIT = 20
DEADLINE_S = 60.0
LET_GO_S = 10.0  # far longer than anything that is done by the clock takes to come round
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
SEND = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def lower_limits() -> None:
    """Let each memory forget soon. After the server's start: before it, moto is not to be imported."""
    from localcloud.bus import events, topics
    from localcloud.front import calls
    from localcloud.persistence import contents
    from localcloud.stepfunctions import ended, tokens
    from localcloud.watch import alarms, log_lines

    calls.RECENT = deque(maxlen=LIMIT)
    events.RECENT = deque(maxlen=LIMIT)
    topics.RECENT = deque(maxlen=LIMIT)
    contents.MOST_DELETED = topics.MOST_REMEMBERED = LIMIT
    ended.MOST_ENDED = tokens.MOST_CLOSED = alarms.MOST_DATA = alarms.MOST_HISTORY = LIMIT
    log_lines.MOST_LINES, log_lines.SLACK = LIMIT, 0


class Account:
    """What the work needs: a bucket that tells a queue, a topic, a table, a function and a machine that waits."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.client = client
        self._things()
        self._machine()

    def _things(self) -> None:
        s3, events, sns = self.client("s3"), self.client("events"), self.client("sns")
        s3.create_bucket(Bucket="bucket")
        on = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=on)
        self.queue = self.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        arn = "arn:aws:sqs:us-east-1:123456789012:queue"
        self.topic = sns.create_topic(Name="topic")["TopicArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)
        events.put_rule(Name="rule", EventPattern='{"source": ["aws.s3"]}')
        events.put_targets(Rule="rule", Targets=[{"Id": "queue", "Arn": arn}])
        keys = [{"AttributeName": name, "KeyType": kind} for name, kind in (("pk", "HASH"), ("sk", "RANGE"))]
        types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
        self.client("dynamodb").create_table(
            TableName="table", BillingMode="PAY_PER_REQUEST", KeySchema=keys, AttributeDefinitions=types
        )
        self.client("logs").create_log_group(logGroupName="group")
        self.client("logs").create_log_stream(logGroupName="group", logStreamName="stream")

    def _machine(self) -> None:
        role = self.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(TRUST))
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "def handler(event, context):\n    print('hello')\n")
        self.client("lambda").create_function(
            FunctionName="function",
            Runtime="python3.11",
            Role=role["Role"]["Arn"],
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
        )
        told = {"QueueUrl": self.queue, "MessageBody.$": "$$.Task.Token"}
        waits = {"Type": "Task", "Resource": SEND, "Parameters": told, "End": True}
        self.machine = self.client("stepfunctions").create_state_machine(
            name="machine",
            roleArn=role["Role"]["Arn"],
            definition=json.dumps({"StartAt": "Wait", "States": {"Wait": waits}}),
        )["stateMachineArn"]

    def take(self) -> str:
        """The body of the next message, which is deleted."""
        sqs = self.client("sqs")
        ends = time.monotonic() + DEADLINE_S
        while time.monotonic() < ends:
            for message in sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=5).get("Messages", ()):
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                return str(message["Body"])
        raise TimeoutError("no message came")


class Work:
    """Each kind of work, once; it leaves nothing that was not there before."""

    kinds = ("upload", "transact", "publish", "wait_for_token", "measure", "log", "tell", "invoke")

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = account.client

    def upload(self, number: int) -> None:
        """A new version of a file, of which the queue hears."""
        self._client("s3").put_object(Bucket="bucket", Key="key", Body=b"x" * 70_000, Tagging=f"n={number}")
        self._account.take()

    def transact(self, number: int) -> None:
        """An item, and a look for one that is not there."""
        put = {"TableName": "table", "Item": {"pk": {"S": "x"}, "sk": {"S": "y"}, "n": {"N": str(number)}}}
        self._client("dynamodb").transact_write_items(TransactItems=[{"Put": put}])
        self._client("dynamodb").get_item(TableName="table", Key={"pk": {"S": f"nobody-{number}"}, "sk": {"S": "y"}})

    def publish(self, _: int) -> None:
        """A notification, of which the queue hears."""
        self._client("sns").publish(TopicArn=self._account.topic, Message="hello")
        self._account.take()

    def wait_for_token(self, _: int) -> None:
        """An execution that waits for somebody."""
        states = self._client("stepfunctions")
        started = states.start_execution(stateMachineArn=self._account.machine)
        states.send_task_success(taskToken=self._account.take(), output="{}")
        ends = time.monotonic() + DEADLINE_S
        while time.monotonic() < ends:
            if states.describe_execution(executionArn=started["executionArn"])["status"] != "RUNNING":
                return

    def measure(self, number: int) -> None:
        """A metric's datum."""
        data = [{"MetricName": "m", "Value": float(number)}]
        self._client("cloudwatch").put_metric_data(Namespace="n", MetricData=data)

    def log(self, _: int) -> None:
        """A line."""
        line = {"timestamp": int(time.time() * 1000), "message": "line"}
        self._client("logs").put_log_events(logGroupName="group", logStreamName="stream", logEvents=[line])

    def tell(self, _: int) -> None:
        """An event that nobody hears."""
        self._client("events").put_events(Entries=[{"Source": "own", "DetailType": "x", "Detail": "{}"}])

    def invoke(self, _: int) -> None:
        """A call of a function."""
        self._client("lambda").invoke(FunctionName="function")


def live() -> Counter[str]:
    """How many objects there are of each type."""
    gc.collect()
    return Counter(f"{type(found).__module__}.{type(found).__qualname__}" for found in gc.get_objects())


def let_go(before: Counter[str], most: int) -> Counter[str]:
    """What is alive once no type has grown by more than ``most``, or when the deadline has passed: what the cloud does
    by the clock, as comparing alarms with metrics, lets go of what it has done with.
    """
    ends = time.monotonic() + LET_GO_S
    after = live()
    while time.monotonic() < ends and any(count - before[name] > most for name, count in after.items()):
        time.sleep(0.2)
        after = live()
    return after


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    running = server.start(folder, 0)
    lower_limits()
    gc.unfreeze()
    threading.Thread(target=running.serve, daemon=True).start()
    answer = {}
    done = Work(Account(running.cloud.client))
    for name in Work.kinds:
        once: Callable[[int], None] = getattr(done, name)
        for number in range(2 * LIMIT):
            once(number)
        before = live()
        for number in range(rounds):
            once(number)
        answer[name] = {"before": before, "after": let_go(before, rounds * 4 // 5)}
    running.stop()
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
