"""The schedule by which a model's runs begin: what is to stand, what stands, and what makes the one of the other. Pure.

All schedules of a stack are in its own group, which goes with it. They take on the stack's SchedulesRole, which may
invoke one function; what begins is for the model's policy to say.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

RETRIES = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 20}  # later than that the next time is due
UNITS = {"minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True)
class SchedulePlace:
    """Where a stack's schedules are, and what they reach; as its outputs say."""

    group: str
    role_arn: str
    function_arn: str  # that begins runs
    dead_letters_arn: str


@dataclass(frozen=True)
class ModelSchedule:
    """A schedule as it is to stand."""

    name: str
    model: str
    expression: str
    timezone: str
    place: SchedulePlace

    @property
    def target(self) -> dict[str, Any]:
        """The function that begins runs. All attempts at one time are one request.

        Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        """
        asked = {"model": self.model, "trigger": "schedule", "request": "<aws.scheduler.scheduled-time>"}
        return {
            "Arn": self.place.function_arn, "RoleArn": self.place.role_arn, "Input": json.dumps(asked),
            "RetryPolicy": RETRIES, "DeadLetterConfig": {"Arn": self.place.dead_letters_arn},
        }  # fmt: skip

    @property
    def text(self) -> str:
        """As people read it."""
        return f"{self.name}: {self.expression}, {self.timezone}"

    def first(self, now: datetime) -> datetime | None:
        """When a rate begins: after one of it, as it would fire when it is made otherwise; None: a cron says it.

        Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html (rate-based schedules)
        """
        rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", self.expression)
        return now + timedelta(seconds=int(rate[1]) * UNITS[rate[2]]) if rate else None


@dataclass(frozen=True)
class StandingSchedule:
    """A schedule that is there."""

    expression: str
    timezone: str
    target: dict[str, Any]
    state: str = "ENABLED"  # whoever disabled it meant that
    start: datetime | None = None


@dataclass(frozen=True)
class CreateSchedule:
    """Runs begin by a schedule from now on."""

    schedule: ModelSchedule
    heading = "create schedule"

    @property
    def subject(self) -> str:
        """Its name, and when."""
        return self.schedule.text


@dataclass(frozen=True)
class UpdateSchedule:
    """Runs begin at other times, or by another function or role."""

    schedule: ModelSchedule
    there: StandingSchedule = field(repr=False)
    heading = "update schedule"

    @property
    def subject(self) -> str:
        """Its name, and when."""
        return self.schedule.text


@dataclass(frozen=True)
class DeleteSchedule:
    """Runs begin by no schedule any more."""

    name: str
    group: str
    heading = "delete schedule"

    @property
    def subject(self) -> str:
        """Its name."""
        return self.name


ScheduleChange = CreateSchedule | UpdateSchedule | DeleteSchedule


def schedule_changes(
    wanted: ModelSchedule | None, there: StandingSchedule | None, name: str, place: SchedulePlace | None
) -> list[ScheduleChange]:
    """What brings a model's schedule to what it is to be."""
    if place is None or wanted is None:
        return [DeleteSchedule(name, place.group)] if place and there else []
    if there is None:
        return [CreateSchedule(wanted)]
    same = (there.expression, there.timezone, there.target) == (wanted.expression, wanted.timezone, wanted.target)
    return [] if same else [UpdateSchedule(wanted, there)]


def request(change: CreateSchedule | UpdateSchedule, now: datetime) -> dict[str, Any]:
    """What makes the schedule, or changes it: an update sets anew all that it does not name.

    Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
    """
    wanted = change.schedule
    there = change.there if isinstance(change, UpdateSchedule) else None
    keeps = there is not None and there.expression == wanted.expression
    start = there.start if there is not None and keeps else wanted.first(now)
    asked: dict[str, Any] = {
        "Name": wanted.name, "GroupName": wanted.place.group, "ScheduleExpression": wanted.expression,
        "ScheduleExpressionTimezone": wanted.timezone, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": wanted.target,
        "State": there.state if there else "ENABLED", "Description": f"Begins runs of model {wanted.model}.",
    }  # fmt: skip
    return asked | ({"StartDate": start} if start else {})
