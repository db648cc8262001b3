"""What becomes of an endpoint in the background: its fleet starts, traffic moves to a new one, or everything goes back.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from localcloud.background import spawn
from localcloud.sagemaker import capacity
from localcloud.sagemaker.api_shapes import Context, now
from localcloud.sagemaker.endpoints import fleets
from localcloud.sagemaker.endpoints.endpoint_records import (
    FAILED,
    IN_SERVICE,
    ROLLING_BACK,
    Endpoint,
    emit_state_change,
    tell_deployment,
)
from localcloud.sagemaker.endpoints.fleets import Fleet
from localcloud.sagemaker.endpoints.model_server import NotServing
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.endpoints.rollout import Rollout, Shift, rollback_reason
from localcloud.sagemaker.endpoints.variant_properties import Variants

ALARMS_EVERY_S = 1.0


@dataclass(frozen=True)
class Update:
    """A new configuration for an endpoint, and how the traffic moves to it."""

    config: str
    variants: Variants
    rollout: Rollout
    deployment: dict[str, Any] | None
    capture: dict[str, Any] | None = None  # DataCaptureConfig


class Deployments:
    """Starts, updates and rolls back endpoints; one thread per change."""

    def __init__(self, context: Context, models: Models) -> None:
        self.context = context
        self.models = models

    def start(self, endpoint: Endpoint, reason: str | None = None) -> None:
        """Start the fleet of the endpoint's own configuration; ``reason`` is told once it is in service."""
        try:
            fleet = self._started(endpoint, endpoint.config, endpoint.variants)
        except NotServing as failure:
            self._end(endpoint, FAILED, str(failure))
            return
        with self.context.lock:
            if endpoint.gone.is_set():
                fleet.stop()
                return
            endpoint.live, endpoint.coming = fleet, None
        self._end(endpoint, IN_SERVICE, reason)

    def update(self, endpoint: Endpoint, update: Update) -> None:
        """Start a fleet beside the old one, move the traffic, end the old fleet; or roll back."""
        old, before = endpoint.live, (endpoint.config, endpoint.variants, endpoint.capture)
        rollout = update.rollout
        deadline = time.monotonic() + rollout.timeout_s if rollout.timeout_s else None
        try:
            fleet = self._started(endpoint, update.config, update.variants)
        except NotServing as failure:
            self._roll_back(endpoint, str(failure))
            return
        for shift in rollout.shifts:
            undone = self._bake(endpoint, shift, rollout.alarms, deadline)
            if endpoint.gone.is_set():
                return
            if undone:
                self._roll_back(endpoint, undone)
                return
        with self.context.lock:
            endpoint.live, endpoint.coming, endpoint.share = fleet, None, 0.0
            endpoint.config, endpoint.variants, endpoint.deployment = update.config, update.variants, update.deployment
            endpoint.capture = update.capture
        if rollout.termination_wait_s:
            undone = self._watch(endpoint, rollout.alarms, rollout.termination_wait_s, deadline)
            if undone and old is not None and not endpoint.gone.is_set():
                with self.context.lock:
                    endpoint.live, endpoint.coming = old, fleet
                    endpoint.config, endpoint.variants, endpoint.capture = before
                self._roll_back(endpoint, undone)
                return
        if old is not None:
            spawn(old.drain)
        if not endpoint.gone.is_set():
            self._end(endpoint, IN_SERVICE)

    def resize(self, endpoint: Endpoint, variants: Variants) -> None:
        """Give the live variants other weights and numbers of instances, if those are to be had."""
        has_capacity = capacity.fleet_has_capacity(variants)
        with self.context.lock:
            if has_capacity and endpoint.live is not None:
                endpoint.variants = variants
                endpoint.live.resize(variants)
            endpoint.desired = None
        self._end(endpoint, IN_SERVICE, None if has_capacity else capacity.NO_FLEET)

    def _started(self, endpoint: Endpoint, config: str, variants: Variants) -> Fleet:
        with self.context.lock:
            endpoint.fleets += 1
            number = endpoint.fleets
        if not capacity.fleet_has_capacity(variants):
            raise NotServing(capacity.NO_FLEET)
        fleet = fleets.build(self.context, self.models, endpoint.name, config, variants, number)
        with self.context.lock:
            endpoint.coming = fleet
        fleet.start()
        return fleet

    def _bake(self, endpoint: Endpoint, shift: Shift, alarms: tuple[str, ...], deadline: float | None) -> str | None:
        """Give the new fleet its share and watch; why it is to be rolled back, if so."""
        with self.context.lock:
            endpoint.share = shift.share
        if shift.bake_s:
            message = f"Baking for {shift.bake_s:g} seconds"
            if shift.what != "all":
                message += f" with traffic enabled on {shift.what} capacity of {shift.instances} instance(s)."
            tell_deployment(endpoint, self.context, "Baking", message)
        return self._watch(endpoint, alarms, shift.bake_s, deadline)

    def _watch(self, endpoint: Endpoint, alarms: tuple[str, ...], for_s: float, deadline: float | None) -> str | None:
        ends = time.monotonic() + for_s
        while True:
            late = deadline is not None and time.monotonic() >= deadline
            reason = rollback_reason(self._tripped(alarms), timed_out=late)
            left_s = ends - time.monotonic()
            if reason or left_s <= 0 or endpoint.gone.wait(min(ALARMS_EVERY_S, left_s)):
                return reason

    def _tripped(self, alarms: tuple[str, ...]) -> list[str]:
        if not alarms:
            return []
        found = self.context.cloud.client("cloudwatch").describe_alarms(AlarmNames=list(alarms))
        states = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        return [alarm["AlarmName"] for alarm in states if alarm["StateValue"] == "ALARM"]

    def _roll_back(self, endpoint: Endpoint, reason: str) -> None:
        """The old fleet has all the traffic again; the endpoint is InService with the old configuration."""
        with self.context.lock:
            failed, endpoint.coming, endpoint.share = endpoint.coming, None, 0.0
            endpoint.status, endpoint.modified = ROLLING_BACK, now()
        emit_state_change(endpoint, self.context)
        if failed is not None:
            failed.stop()
        if not endpoint.gone.is_set():
            self._end(endpoint, IN_SERVICE, reason)

    def _end(self, endpoint: Endpoint, status: str, reason: str | None = None) -> None:
        """The change is over, with this status."""
        with self.context.lock:
            if endpoint.gone.is_set():
                return
            endpoint.status, endpoint.modified, endpoint.pending = status, now(), None
            endpoint.reason = reason[:1024] if reason else None
        emit_state_change(endpoint, self.context)
