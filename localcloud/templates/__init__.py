"""CloudFormation and SAM on the local cloud: every resource is made through the cloud's own API, and can be changed,
rolled back and deleted as AWS would.

It knows templates and AWS's resource types, and nothing of any app.
"""

from __future__ import annotations

from typing import Any

from localcloud.front import moto_patches
from localcloud.settings import Cloud
from localcloud.templates import api
from localcloud.templates.stacks import Stack
from localcloud.templates.types import (
    apis,
    buckets,
    functions,
    identity,
    machines,
    messaging,
    monitoring,
    nesting,
    rules,
    schedules,
    serving,
    storage,
)

KIND_MODULES = (
    apis,
    buckets,
    functions,
    identity,
    machines,
    messaging,
    monitoring,
    nesting,
    rules,
    schedules,
    serving,
    storage,
)  # importing them declares their types


class _Service:
    """What moto's server needs of a service: paths and who answers them."""

    flask_paths = {"/": api.StacksResponse.dispatch}


def install(cloud: Cloud) -> None:
    """Answer CloudFormation calls with this package; moto's own CloudFormation is never imported."""
    api.REGIONS[:] = [api.Regions(cloud)]

    def get_backend(name: str) -> Any:
        return {"global": _Service()} if name == "cloudformation" else original(name)

    original = moto_patches.replace("moto.backends:get_backend", get_backend)
    moto_patches.replace("moto.iam.policy_validation:BaseIAMPolicyValidator._validate_version", _validate_version)


def _validate_version(self: Any) -> None:
    """A policy without Version has the older one.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    assert self._policy_json.get("Version", "2008-10-17") in ("2008-10-17", "2012-10-17")


RECORDS_OF, RECORDS_DEPTH = "cloudformation", 2  # stacks by region and id


def has_ended(_: tuple[Any, ...], stack: Stack) -> bool:
    """Whether a stack changes no more."""
    return stack.status == "DELETE_COMPLETE"


def snapshot_state() -> dict[str, dict[str, Stack]]:
    """Every region's stacks."""
    return {name: dict(region.stacks) for name, region in api.REGIONS[0].known()}


def resume(state: dict[str, dict[str, Stack]]) -> None:
    """Go on with them; an operation that was under way has failed."""
    for name, stacks in state.items():
        api.REGIONS[0][name].stacks.update(stacks)
        for stack in stacks.values():
            if stack.status.endswith("_IN_PROGRESS"):
                stack.tell(f"{stack.status.removesuffix('_IN_PROGRESS')}_FAILED", "The local cloud was started again")
