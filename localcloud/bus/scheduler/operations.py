"""EventBridge Scheduler's operations as AWS takes them. What would be kept and not played is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.scheduler.exceptions import ScheduleGroupNotFound, ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend, Schedule
from moto.scheduler.responses import EventBridgeSchedulerResponse

from localcloud.bus.scheduler import times
from localcloud.bus.schedules import BadSchedule
from localcloud.front import moto_patches

RESPONSES = "moto.scheduler.responses:EventBridgeSchedulerResponse"
MODELS = "moto.scheduler.models"
REACHED = ("lambda", "states", "sqs", "sns")  # services of a target that a schedule reaches here
UNPLAYED = ("KmsKeyArn",)
UNPLAYED_OF_TARGET = ("EcsParameters", "EventBridgeParameters", "KinesisParameters", "SageMakerPipelineParameters")


def check_schedule(asked: dict[str, Any]) -> None:
    """Hold a schedule against what is played.

    Raises:
        ValidationException: AWS refuses it.
        NotImplementedError: AWS takes it, and it is not played here.
    """
    expression, zone = str(asked.get("ScheduleExpression")), str(asked.get("ScheduleExpressionTimezone") or "UTC")
    try:
        times.check(expression, zone)
    except BadSchedule as error:
        raise ValidationException(f"Invalid Schedule Expression {expression}: {error}.") from None
    _check_window(asked.get("FlexibleTimeWindow") or {})
    target = asked.get("Target") or {}
    for name in (name for name in UNPLAYED if asked.get(name)):
        raise NotImplementedError(f"A schedule's {name} has no effect here")
    if asked.get("ActionAfterCompletion", "NONE") != "NONE":
        raise NotImplementedError("A schedule that is deleted when it is over stays here")
    for name in (name for name in UNPLAYED_OF_TARGET if target.get(name)):
        raise NotImplementedError(f"A schedule's {name} are not passed on here")
    arn = str(target.get("Arn"))
    if arn.startswith("arn:aws:scheduler:::aws-sdk:") or arn.split(":")[2:3] not in [[one] for one in REACHED]:
        raise NotImplementedError(f"No schedule reaches {arn} here, only {', '.join(REACHED)}")
    _check_input(target)


def _check_window(window: dict[str, Any]) -> None:
    if window.get("Mode") not in ("OFF", "FLEXIBLE"):
        raise ValidationException("FlexibleTimeWindow must have a Mode, OFF or FLEXIBLE.")
    if window["Mode"] == "FLEXIBLE":
        raise NotImplementedError("A schedule's flexible time window is not played here; Mode=OFF is")


def _check_input(target: dict[str, Any]) -> None:
    """Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html (Input is JSON for these)"""
    text, service = target.get("Input"), str(target["Arn"]).split(":")[2]
    if text is not None and service in ("lambda", "states"):
        try:
            json.loads(text)
        except ValueError:
            raise ValidationException(f"Invalid RequestJson provided. Reason: Input of {target['Arn']}.") from None


def _body(handler: EventBridgeSchedulerResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(handler.body or "{}")
    return found


def _checked(method: str) -> None:
    def respond(self: EventBridgeSchedulerResponse) -> Any:
        asked = _body(self)
        check_schedule(asked)
        group = str(asked.get("GroupName") or "default")
        if group not in self.scheduler_backend.schedule_groups:
            raise ScheduleGroupNotFound(group)
        self.uri = self.uri.partition("?")[0]  # moto takes all behind the last slash for the name
        return original(self)

    original = moto_patches.replace(f"{RESPONSES}.{method}", respond)


def _update(self: EventBridgeSchedulerBackend, **given: Any) -> Schedule:
    """What an update does not name has its default again.

    Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
    """
    updated: Schedule = _motos["update"](self, **{**given, "state": given.get("state") or "ENABLED"})
    return updated


def _create_group(self: EventBridgeSchedulerBackend, name: str, tags: list[dict[str, str]] | None) -> Any:
    if name in self.schedule_groups:
        raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
    return _motos["create group"](self, name, tags or [])


def _delete_group(self: EventBridgeSchedulerBackend, name: str) -> None:
    """With all its schedules.

    Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteScheduleGroup.html
    """
    if name == "default":
        raise ValidationException("Default schedule group can not be deleted.")
    if name not in self.schedule_groups:
        raise ScheduleGroupNotFound(name)
    _motos["delete group"](self, name)


_motos: dict[str, Callable[..., Any]] = {}


def install() -> None:
    """Check from now on as AWS does."""
    for method in ("create_schedule", "update_schedule"):
        _checked(method)
    backend = f"{MODELS}:EventBridgeSchedulerBackend"
    for name, method, ours in (
        ("update", "update_schedule", _update),
        ("create group", "create_schedule_group", _create_group),
        ("delete group", "delete_schedule_group", _delete_group),
    ):
        _motos[name] = moto_patches.replace(f"{backend}.{method}", ours)
