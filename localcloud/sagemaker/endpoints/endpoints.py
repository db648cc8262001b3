"""Endpoints: created, updated blue/green with alarms that roll back, deleted; and the events that tell of it.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from localcloud.background import spawn
from localcloud.sagemaker import api_shapes, capacity
from localcloud.sagemaker.api_shapes import SHORT_PAGE, Context, Request, answer_page, invalid, now, page
from localcloud.sagemaker.endpoints import rollout
from localcloud.sagemaker.endpoints.data_capture import summary
from localcloud.sagemaker.endpoints.deployments import Deployments, Update
from localcloud.sagemaker.endpoints.endpoint_records import (
    CREATING,
    DELETING,
    FAILED,
    IN_SERVICE,
    ROLLING_BACK,
    SYSTEM_UPDATING,
    UPDATING,
    Endpoint,
    emit_state_change,
    pending_of,
    variants_of,
)
from localcloud.sagemaker.endpoints.models import Models
from localcloud.sagemaker.endpoints.rollout import BadPolicy, Rollout
from localcloud.sagemaker.endpoints.variant_properties import (
    CAPTURE,
    SHADOW,
    BadVariants,
    Variants,
    count_of,
    resized,
    retained,
)


class Endpoints:
    """All endpoints of this cloud."""

    def __init__(self, context: Context, models: Models) -> None:
        self.context = context
        self.models = models
        self.deployments = Deployments(context, models)
        self.endpoints: dict[str, Endpoint] = {}
        self.refuse_update: Callable[[Endpoint, Variants], None] = lambda endpoint, new: None  # scaling sets these
        self.deleted: Callable[[str], None] = lambda name: None

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
        variants = self.models.variants(config)
        _planned(request.get("DeploymentConfig"), variants)
        with self.context.lock:
            if name in self.endpoints:
                raise invalid(f'Cannot create already existing endpoint "{self.endpoints[name].arn}".')
            self._refuse_excess(variants)
            arn = self.context.arn("endpoint", name)
            endpoint = Endpoint(
                name, arn, config, variants, now(), now(), deployment=request.get("DeploymentConfig"),
                capture=self.models.capture(config),
            )  # fmt: skip
            self.endpoints[name] = endpoint
            self.context.tag(arn, request.get("Tags"))
        emit_state_change(endpoint, self.context)
        spawn(self.deployments.start, endpoint)
        return {"EndpointArn": arn}

    def update(self, request: Request) -> dict[str, Any]:
        """UpdateEndpoint: a new fleet beside the old one, then the traffic moves."""
        endpoint = self.get(request["EndpointName"])
        config = self.models.config(request["EndpointConfigName"]).name
        deployment = request.get("DeploymentConfig")
        if deployment is None and request.get("RetainDeploymentConfig"):
            deployment = endpoint.deployment
        variants = self._new_variants(endpoint, config, request)
        capture = self._new_capture(endpoint, config, request)
        update = Update(config, variants, _planned(deployment, variants), deployment, capture)
        with self.context.lock:
            if endpoint.status in (CREATING, UPDATING, SYSTEM_UPDATING, ROLLING_BACK, DELETING):
                raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            if endpoint.status == FAILED:
                raise invalid(f'Cannot update endpoint "{endpoint.arn}" because it is in status Failed: delete it.')
            self.refuse_update(endpoint, variants)
            self._refuse_excess(variants)
            endpoint.status, endpoint.modified, endpoint.reason = UPDATING, now(), None
            endpoint.pending = {"EndpointConfigName": config, "StartTime": now()}
        emit_state_change(endpoint, self.context)
        spawn(self.deployments.update, endpoint, update)
        return {"EndpointArn": endpoint.arn}

    def _new_variants(self, endpoint: Endpoint, config: str, request: Request) -> Variants:
        variants = self.models.variants(config)
        if not request.get("RetainAllVariantProperties"):
            return variants
        return retained(endpoint.variants, variants, _excluded(request))

    def _new_capture(self, endpoint: Endpoint, config: str, request: Request) -> dict[str, Any] | None:
        """Data capture is a property that is retained, too: where all are, the new configuration's is not looked at."""
        retains = request.get("RetainAllVariantProperties") and CAPTURE not in _excluded(request)
        return endpoint.capture if retains else self.models.capture(config)

    def delete(self, request: Request) -> None:
        """DeleteEndpoint, in any status."""
        endpoint = self.get(request["EndpointName"])
        with self.context.lock:
            endpoint.status, endpoint.modified = DELETING, now()
            endpoint.gone.set()
            running = [fleet for fleet in (endpoint.live, endpoint.coming) if fleet is not None]
        emit_state_change(endpoint, self.context)
        for fleet in running:
            fleet.stop()
        with self.context.lock:
            self.endpoints.pop(endpoint.name, None)
            self.deleted(endpoint.name)

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribeEndpoint."""
        endpoint = self.get(request["EndpointName"])
        with self.context.lock:
            return {
                "EndpointName": endpoint.name, "EndpointArn": endpoint.arn, "EndpointConfigName": endpoint.config,
                "EndpointStatus": endpoint.status, "FailureReason": endpoint.reason,
                "CreationTime": endpoint.created, "LastModifiedTime": endpoint.modified,
                "DataCaptureConfig": summary(endpoint.capture, serves=endpoint.live is not None),
                "LastDeploymentConfig": endpoint.deployment,
                "PendingDeploymentSummary": pending_of(endpoint),
                **variants_of(endpoint, endpoint.live),
            }  # fmt: skip

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListEndpoints."""
        wanted, status = request.get("NameContains") or "", request.get("StatusEquals")
        with self.context.lock:
            found = [
                e for e in self.endpoints.values()
                if wanted in e.name and status in (None, e.status) and api_shapes.within(request, e.created, e.modified)
            ]  # fmt: skip
        sort = {"Name": "name", "Status": "status"}.get(request.get("SortBy") or "", "created")
        items, token = page(found, request, default_size=SHORT_PAGE, sort=lambda e: getattr(e, sort))
        shown = [
            {
                "EndpointName": e.name, "EndpointArn": e.arn, "EndpointStatus": e.status,
                "CreationTime": e.created, "LastModifiedTime": e.modified,
            }
            for e in items
        ]  # fmt: skip
        return answer_page("Endpoints", shown, token)

    def update_weights(self, request: Request) -> dict[str, Any]:
        """UpdateEndpointWeightsAndCapacities: other shares and counts of the same variants, in the background."""
        endpoint = self.get(request["EndpointName"])
        try:
            desired = resized(endpoint.variants, request["DesiredWeightsAndCapacities"])
        except BadVariants as error:
            raise invalid(str(error)) from error
        with self.context.lock:
            if endpoint.status != IN_SERVICE:
                raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
            self._refuse_excess(desired, instead_of=endpoint)
            endpoint.status, endpoint.modified, endpoint.reason, endpoint.desired = UPDATING, now(), None, desired
        emit_state_change(endpoint, self.context)
        spawn(self.deployments.resize, endpoint, desired)
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

    def _refuse_excess(self, variants: Variants, instead_of: Endpoint | None = None) -> None:
        """Hold a fleet against the quotas; an update needs its new instances beside the old ones.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
        """
        used: Counter[str] = Counter()
        for endpoint in self.endpoints.values():
            if endpoint is not instead_of:
                for several in capacity.fleet_wanted(endpoint.variants):
                    used.update(dict(several[:1]))
        for several in capacity.fleet_wanted(variants):
            capacity.refuse_excess("endpoint", several, used)


def _excluded(request: Request) -> list[str]:
    return [entry["VariantPropertyType"] for entry in request.get("ExcludeRetainedVariantProperties") or []]


def _planned(deployment: dict[str, Any] | None, variants: Variants) -> Rollout:
    instances = min(count_of(variant) for variant in variants if SHADOW not in variant)
    try:
        return rollout.plan(deployment, instances)
    except BadPolicy as error:
        raise invalid(str(error)) from error
