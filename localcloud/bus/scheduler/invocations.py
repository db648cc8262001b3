"""A schedule's invocation of its target: under the schedule's role, again where it fails, and in the end to its dead
letter queue. It is recorded until then, as a rule's delivery is.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.scheduler.models import Schedule

from localcloud.bus import targets
from localcloud.bus.in_transit import Delivery
from localcloud.iam import deliveries

NOT_MINE = ("RoleArn", "Input", "RetryPolicy", "DeadLetterConfig")


def begin(schedule: Schedule, due: datetime, region: str, account: str) -> None:
    """Invoke a schedule's target, in the background."""
    time = due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event = {
        "version": "0", "id": str(uuid.uuid4()), "detail-type": "Scheduled Event", "source": "aws.scheduler",
        "account": account, "time": time, "region": region, "resources": [schedule.arn], "detail": "{}",
    }  # fmt: skip
    target = {**schedule.target, "Id": schedule.name}
    group = schedule.arn.replace(":schedule/", ":schedule-group/").rpartition("/")[0]
    Invocation(schedule.arn, schedule.name, target, event, group=group).begin()


@dataclass
class Invocation(Delivery):
    """One invocation; ``rule_arn`` is the schedule's, ``group`` its group's."""

    group: str = ""
    execution: str = ""  # of the newest attempt

    def permit(self) -> None:
        """The role is taken on for the group, and may reach the target.

        Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
        """
        deliveries.of_schedule(self.group, self.target["Arn"], self.target["RoleArn"])

    def made_body(self) -> str:
        """The input with what this attempt is in place of the context attributes, or the event of a schedule."""
        self.execution = uuid.uuid4().hex[:16]
        text = self.target.get("Input")
        if text is None:
            return json.dumps(self.event)
        found = {
            "schedule-arn": self.rule_arn, "scheduled-time": str(self.event["time"]),
            "execution-id": self.execution, "attempt-number": str(self.attempts),
        }  # fmt: skip
        for name, value in found.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return str(text)

    def deliver(self) -> None:
        """Each attempt has a body of its own."""
        targets.deliver(self.target["Arn"], self.made_body(), self.parameters())

    def parameters(self) -> dict[str, Any]:
        """What the target's service is told beside the body."""
        return {name: value for name, value in self.target.items() if name not in NOT_MINE}

    def bury(self, queue: str, code: str, message: str, exhausted: str | None) -> None:
        """Send it to the dead letter queue, under the schedule's role."""
        attributes = {
            "SCHEDULE_ARN": self.rule_arn, "TARGET_ARN": self.target["Arn"], "ERROR_CODE": code,
            "ERROR_MESSAGE": message[:1024] or code, "RETRY_ATTEMPTS": str(self.attempts - 1),
            "SCHEDULED_TIME": str(self.event["time"]), "EXECUTION_ID": self.execution,
        }  # fmt: skip
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
        deliveries.of_schedule(self.group, queue, self.target["RoleArn"])
        targets.send(queue, str(self.target.get("Input", "{}")), attributes=attributes)
