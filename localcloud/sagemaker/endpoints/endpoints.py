"""Endpoints: created, updated blue/green with alarms that roll back, deleted; and the events that tell of it.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from localcloud.background import spawn
from localcloud.sagemaker import api_shapes, capacity
from localcloud.sagemaker.api_shapes import Context, Request, answer_page, invalid, now, page
from localcloud.sagemaker.endpoints import fleets, rollout
from localcloud.sagemaker.endpoints.endpoint_records import (  # fmt: skip
    CREATING,
    DELETING,
    FAILED,
    IN_SERVICE,
    ROLLING_BACK,
    SYSTEM_UPDATING,
    UPDATING,
    Endpoint,
    pending_of,
    tell,
    tell_deployment,
    variants_of,
)
from localcloud.sagemaker.endpoints.fleets import Fleet
from localcloud.sagemaker.endpoints.model_server import NotServing
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.endpoints.rollout import BadPolicy, Rollout, Shift

ALARMS_EVERY_S = 1.0


class Endpoints:
    """All endpoints of this cloud."""

    def __init__(self, context: Context, models: Models) -> None:
        self.context = context
        self.models = models
        self.endpoints: dict[str, Endpoint] = {}

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on endpoints."""
        return {
            "CreateEndpoint": self.create, "DescribeEndpoint": self.describe, "UpdateEndpoint": self.update,
            "DeleteEndpoint": self.delete, "ListEndpoints": self.list_all,
            "UpdateEndpointWeightsAndCapacities": self.update_weights,
        }  # fmt: skip

    def create(self, request: Request) -> dict[str, Any]:
        """CreateEndpoint; it starts in the background."""
        name = request["EndpointName"]
        config = self.models.config(request["EndpointConfigName"]).name
        _planned(request.get("DeploymentConfig"), self._instances(config))
        with self.context.lock:
            if name in self.endpoints:
                raise invalid(f'Cannot create already existing endpoint "{self.endpoints[name].arn}".')
            self._refuse_excess(config)
            arn = self.context.arn("endpoint", name)
            endpoint = Endpoint(name, arn, config, now(), now(), deployment=request.get("DeploymentConfig"))
            self.endpoints[name] = endpoint
            self.context.tag(arn, request.get("Tags"))
        tell(endpoint, self.context)
        spawn(self.serve, endpoint)
        return {"EndpointArn": arn}

    def update(self, request: Request) -> dict[str, Any]:
        """UpdateEndpoint: a new fleet beside the old one, then the traffic moves."""
        endpoint = self.get(request["EndpointName"])
        config = self.models.config(request["EndpointConfigName"]).name
        deployment = request.get("DeploymentConfig")
        if deployment is None and request.get("RetainDeploymentConfig"):
            deployment = endpoint.deployment
        planned = _planned(deployment, self._instances(config))
        with self.context.lock:
            if endpoint.status in (CREATING, UPDATING, SYSTEM_UPDATING, ROLLING_BACK, DELETING):
                raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            if endpoint.status == FAILED:
                raise invalid(f'Cannot update endpoint "{endpoint.arn}" because it is in status Failed: delete it.')
            self._refuse_excess(config)
            endpoint.status, endpoint.modified, endpoint.reason = UPDATING, now(), None
            endpoint.pending = {"EndpointConfigName": config, "StartTime": now()}
        tell(endpoint, self.context)
        spawn(self._update, endpoint, config, planned, deployment)
        return {"EndpointArn": endpoint.arn}

    def delete(self, request: Request) -> None:
        """DeleteEndpoint, in any status."""
        endpoint = self.get(request["EndpointName"])
        with self.context.lock:
            endpoint.status, endpoint.modified = DELETING, now()
            endpoint.gone.set()
            running = [fleet for fleet in (endpoint.live, endpoint.coming) if fleet is not None]
        tell(endpoint, self.context)
        for fleet in running:
            fleet.stop()
        with self.context.lock:
            self.endpoints.pop(endpoint.name, None)

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribeEndpoint."""
        endpoint = self.get(request["EndpointName"])
        with self.context.lock:
            return {
                "EndpointName": endpoint.name, "EndpointArn": endpoint.arn, "EndpointConfigName": endpoint.config,
                "EndpointStatus": endpoint.status, "FailureReason": endpoint.reason,
                "CreationTime": endpoint.created, "LastModifiedTime": endpoint.modified,
                "ProductionVariants": variants_of(endpoint, endpoint.live),
                "LastDeploymentConfig": endpoint.deployment,
                "PendingDeploymentSummary": pending_of(endpoint),
            }  # fmt: skip

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListEndpoints."""
        wanted, status = request.get("NameContains") or "", request.get("StatusEquals")
        with self.context.lock:
            found = [
                e for e in self.endpoints.values()
                if wanted in e.name and status in (None, e.status) and api_shapes.within(request, e.created, e.modified)
            ]  # fmt: skip
        by_name = request.get("SortBy") == "Name"
        items, token = page(found, request, sort=lambda e: e.name if by_name else e.created)
        shown = [
            {
                "EndpointName": e.name, "EndpointArn": e.arn, "EndpointStatus": e.status,
                "CreationTime": e.created, "LastModifiedTime": e.modified,
            }
            for e in items
        ]  # fmt: skip
        return answer_page("Endpoints", shown, token)

    def update_weights(self, request: Request) -> dict[str, Any]:
        """UpdateEndpointWeightsAndCapacities: the weights count, capacities are one process here."""
        endpoint = self.get(request["EndpointName"])
        with self.context.lock:
            if endpoint.status != IN_SERVICE:
                raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            for entry in request["DesiredWeightsAndCapacities"]:
                if entry.get("DesiredWeight") is not None:
                    endpoint.weights[entry["VariantName"]] = float(entry["DesiredWeight"])
            endpoint.modified = now()
        tell(endpoint, self.context)
        return {"EndpointArn": endpoint.arn}

    def get(self, name: str) -> Endpoint:
        """An endpoint by name.

        Raises:
            ValidationException: there is none.
        """
        found = self.endpoints.get(name)
        if found is None:
            raise invalid(f'Could not find endpoint "{self.context.arn("endpoint", name)}".')
        return found

    def stop_all(self) -> None:
        """End every model server."""
        for endpoint in list(self.endpoints.values()):
            endpoint.gone.set()
            for fleet in (endpoint.live, endpoint.coming):
                if fleet is not None:
                    fleet.stop()

    def serve(self, endpoint: Endpoint, reason: str | None = None) -> None:
        """Start the fleet of the endpoint's own configuration; ``reason`` is told once it is in service."""
        try:
            fleet = self._started(endpoint, endpoint.config)
        except NotServing as failure:
            self._settle(endpoint, FAILED, str(failure))
            return
        with self.context.lock:
            if endpoint.gone.is_set():
                fleet.stop()
                return
            endpoint.live, endpoint.coming = fleet, None
        self._settle(endpoint, IN_SERVICE, reason)

    def _update(self, endpoint: Endpoint, config: str, planned: Rollout, deployment: dict[str, Any] | None) -> None:
        old = endpoint.live
        try:
            fleet = self._started(endpoint, config)
        except NotServing as failure:
            self._roll_back(endpoint, str(failure))
            return
        for shift in planned.shifts:
            tripped = self._bake(endpoint, shift, planned.alarms)
            if endpoint.gone.is_set():
                return
            if tripped:
                names = ", ".join(tripped)
                self._roll_back(endpoint, f"Endpoint update was rolled back because these alarms are in ALARM: {names}")
                return
        with self.context.lock:
            endpoint.live, endpoint.coming, endpoint.share = fleet, None, 0.0
            endpoint.config, endpoint.deployment, endpoint.weights = config, deployment, {}
        if planned.termination_wait_s:
            tripped = self._watch(endpoint, planned.alarms, planned.termination_wait_s)
            if tripped and old is not None and not endpoint.gone.is_set():
                with self.context.lock:
                    endpoint.live, endpoint.coming, endpoint.config = old, fleet, old.config
                names = ", ".join(tripped)
                self._roll_back(endpoint, f"Endpoint update was rolled back because these alarms are in ALARM: {names}")
                return
        if old is not None:
            spawn(old.drain)
        if not endpoint.gone.is_set():
            self._settle(endpoint, IN_SERVICE)

    def _started(self, endpoint: Endpoint, config: str) -> Fleet:
        with self.context.lock:
            endpoint.fleets += 1
            number = endpoint.fleets
        if not capacity.fleet_has_capacity(self._variants(config)):
            raise NotServing(capacity.NO_FLEET)
        fleet = fleets.build(self.context, self.models, endpoint.name, config, number)
        with self.context.lock:
            endpoint.coming = fleet
        fleet.start()
        return fleet

    def _bake(self, endpoint: Endpoint, shift: Shift, alarms: tuple[str, ...]) -> list[str]:
        """Give the new fleet its share and watch; the alarms that tripped."""
        with self.context.lock:
            endpoint.share = shift.share
        if shift.bake_s:
            message = f"Baking for {shift.bake_s:g} seconds"
            if shift.what != "all":
                message += f" with traffic enabled on {shift.what} capacity of {shift.instances} instance(s)."
            tell_deployment(endpoint, self.context, "Baking", message)
        return self._watch(endpoint, alarms, shift.bake_s)

    def _watch(self, endpoint: Endpoint, alarms: tuple[str, ...], for_s: float) -> list[str]:
        deadline = time.monotonic() + for_s
        while True:
            tripped = self._tripped(alarms)
            left_s = deadline - time.monotonic()
            if tripped or left_s <= 0 or endpoint.gone.wait(min(ALARMS_EVERY_S, left_s)):
                return tripped

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
        tell(endpoint, self.context)
        if failed is not None:
            failed.stop()
        if not endpoint.gone.is_set():
            self._settle(endpoint, IN_SERVICE, reason)

    def _settle(self, endpoint: Endpoint, status: str, reason: str | None = None) -> None:
        with self.context.lock:
            if endpoint.gone.is_set():
                return
            endpoint.status, endpoint.modified, endpoint.pending = status, now(), None
            endpoint.reason = reason[:1024] if reason else None
        tell(endpoint, self.context)

    def _variants(self, config: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.models.config(config).request["ProductionVariants"]
        return found

    def _instances(self, config: str) -> int:
        return min(int(variant.get("InitialInstanceCount") or 1) for variant in self._variants(config))

    def _refuse_excess(self, config: str) -> None:
        """An update needs its new instances beside the old ones.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
        """
        used: Counter[str] = Counter()
        for endpoint in self.endpoints.values():
            for several in capacity.fleet_wanted(self._variants(endpoint.config)):
                used.update(dict(several[:1]))
        for several in capacity.fleet_wanted(self._variants(config)):
            capacity.refuse_excess("endpoint", several, used)


def _planned(deployment: dict[str, Any] | None, instances: int) -> Rollout:
    try:
        return rollout.plan(deployment, instances)
    except BadPolicy as error:
        raise invalid(str(error)) from error
