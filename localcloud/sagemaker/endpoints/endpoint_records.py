"""What is remembered of an endpoint, how Describe shows it, and the events that tell of it.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcloud.bus import events
from localcloud.sagemaker.api_shapes import Context, epoch_ms, now
from localcloud.sagemaker.endpoints.fleets import Fleet, Variant
from localcloud.sagemaker.endpoints.variant_properties import Variants, count_of, weight_of

CREATING, UPDATING, IN_SERVICE = "Creating", "Updating", "InService"
DELETING, FAILED, ROLLING_BACK = "Deleting", "Failed", "RollingBack"
SYSTEM_UPDATING = "SystemUpdating"


@dataclass
class Endpoint:
    """An endpoint and the fleets that answer for it."""

    name: str
    arn: str
    config: str
    variants: Variants
    created: datetime
    modified: datetime
    status: str = CREATING
    reason: str | None = None
    live: Fleet | None = None
    coming: Fleet | None = None
    share: float = 0.0  # of the traffic that goes to the coming fleet
    pending: dict[str, Any] | None = None
    deployment: dict[str, Any] | None = None
    desired: Variants | None = None  # while weights or numbers of instances change
    gone: threading.Event = field(default_factory=threading.Event)
    fleets: int = 0  # that were ever started
    capture: dict[str, Any] | None = None  # DataCaptureConfig

    def __getstate__(self) -> dict[str, Any]:
        """All but the running fleets."""
        return vars(self) | {"live": None, "coming": None}


def variants_of(endpoint: Endpoint, fleet: Fleet | None) -> dict[str, list[dict[str, Any]]]:
    """A fleet's variants as Describe shows them; nothing while there is no fleet."""
    if fleet is None:
        return {}
    shadows = {"ShadowProductionVariants": [_variant(endpoint, variant) for variant in fleet.shadows]}
    production = {"ProductionVariants": [_variant(endpoint, variant) for variant in fleet.production]}
    return production | (shadows if fleet.shadows else {})


def pending_of(endpoint: Endpoint) -> dict[str, Any] | None:
    """The deployment under way."""
    if endpoint.pending is None:
        return None
    return endpoint.pending | variants_of(endpoint, endpoint.coming)


def emit_state_change(endpoint: Endpoint, context: Context) -> None:
    """The endpoint's status has changed."""
    events.emit("aws.sagemaker", "SageMaker Endpoint State Change", _detail(endpoint, context), [endpoint.arn])


def tell_deployment(endpoint: Endpoint, context: Context, status: str, message: str) -> None:
    """A deployment has come a step further."""
    detail = _detail(endpoint, context)
    with context.lock:
        pending = pending_of(endpoint)
    if pending:
        state = {"Status": status, "StatusMessage": message, "StartTime": epoch_ms(now())}
        variants = {
            kind: [_told(variant) | {"VariantStatus": [state]} for variant in pending.get(kind) or []]
            for kind in ("ProductionVariants", *({"ShadowProductionVariants"} & pending.keys()))
        }
        detail["PendingDeploymentSummary"] = pending | {"StartTime": epoch_ms(pending["StartTime"])} | variants
    events.emit("aws.sagemaker", "SageMaker Endpoint Deployment State Change", detail, [endpoint.arn])


def event_status(status: str) -> str:
    """InService -> IN_SERVICE, as events write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()


def _variant(endpoint: Endpoint, variant: Variant) -> dict[str, Any]:
    images = [
        {"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": endpoint.created}
        for image in (server.container["Image"] for server in variant.servers)
    ]
    desired = next((one for one in endpoint.desired or [] if one["VariantName"] == variant.name), None)
    found = {
        "VariantName": variant.name, "DeployedImages": images, "CurrentWeight": variant.weight,
        "DesiredWeight": variant.weight if desired is None else weight_of(desired),
    }  # fmt: skip
    if variant.serverless:
        return found | {"CurrentServerlessConfig": dict(variant.serverless)}
    count = variant.instances if desired is None else count_of(desired)
    return found | {"CurrentInstanceCount": variant.instances, "DesiredInstanceCount": count}


def _detail(endpoint: Endpoint, context: Context) -> dict[str, Any]:
    with context.lock:
        detail = {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "EndpointConfigName": endpoint.config,
            "ProductionVariants": [],
            **{
                kind: [_told(variant) for variant in variants]
                for kind, variants in variants_of(endpoint, endpoint.live).items()
            },
            "EndpointStatus": event_status(endpoint.status),
            "FailureReason": endpoint.reason,
            "CreationTime": epoch_ms(endpoint.created),
            "LastModifiedTime": epoch_ms(endpoint.modified),
            "Tags": dict(context.tags.get(endpoint.arn, {})),
        }
    return {name: value for name, value in detail.items() if value is not None}


def _told(variant: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variant.items() if name != "DeployedImages"}
