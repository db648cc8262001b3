"""What people do to endpoints by hand, and how their models' files say that they are served."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.torture.fakes.endpoints import CHANGING
from tests.torture.fakes.scaling import Target
from tests.torture.simulated_account import Account

TYPES = ("ml.m5.large", "ml.m5.xlarge")
WISHES: tuple[dict[str, Any], ...] = (
    {},
    {"autoscaling": {"min": 1, "max": 4, "per_instance": 600}},
    {"autoscaling": {"min": 2, "max": 3, "per_instance": 50.5}},
)


def deployment(random: Random) -> dict[str, Any]:
    """A model file's ``deployment``, of instances: SageMaker changes no type of what is scaled."""
    return {"mode": "realtime", "instance_type": random.choice(TYPES), "instance_count": 1} | random.choice(WISHES)


def delete_endpoint(account: Account, random: Random) -> str:
    """Delete an endpoint; not everybody may deregister what is scaled. Its name, "" where there is none."""
    name = _endpoint(account, random)
    if name:
        account.endpoints.delete_endpoint(EndpointName=name, may_deregister=random.random() < 0.5)
    return name


def move_endpoint(account: Account, random: Random) -> str:
    """Update an endpoint to somebody else's configuration; what is scaled has to be deregistered before."""
    name, endpoints = _endpoint(account, random), account.endpoints
    if not name or endpoints.endpoints[name].now.status != "InService":
        return ""
    endpoints.models["foreign"] = {"PrimaryContainer": {"ModelDataUrl": "s3://x/foreign/model.tar.gz"}}
    endpoints.configs["foreign"] = {"ProductionVariants": [{"ModelName": "foreign"}]}
    if endpoints.endpoints[name].now.config == "foreign":
        return ""
    account.scaling.set_by_hand(name, None)
    endpoints.update_endpoint(EndpointName=name, EndpointConfigName="foreign")
    return name


def scale_by_hand(account: Account, random: Random) -> str:
    """Register an endpoint in the console, or take away what is registered."""
    name = _endpoint(account, random)
    if not name or account.endpoints.endpoints[name].now.status != "InService":
        return ""
    account.scaling.set_by_hand(name, random.choice((None, Target(1, 9), Target(1, 9, 10))))
    return name


def _endpoint(account: Account, random: Random) -> str:
    endpoints = account.endpoints.endpoints
    found = sorted(name for name, one in endpoints.items() if one.now.status not in CHANGING)
    return random.choice(found) if found else ""
