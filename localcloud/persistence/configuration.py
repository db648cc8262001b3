"""The configuration of a moto service: recorded per backend, as a whole, when it has changed.

Objects, items, messages and the like are in containers (``contents``), which are written here as references: a backend
is small whatever it contains, and when it is restored, it keeps the containers that it had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from moto.iam.models import AWSManagedPolicy, IAMBackend

from localcloud import journaling
from localcloud.persistence import backends, contents
from localcloud.persistence.backends import Place

State = dict[str, Any]
OWN = ("backend", "service_name", "_use_boto3_regions", "_additional_regions", "_id")  # of moto's BackendDict itself
ATTACHED = "localcloud_attached"  # the attachment counts of the policies that AWS manages, by ARN


def install(services: Iterable[str], dumps: Callable[[Any, journaling.References], bytes]) -> None:
    """Record the backends of these services when they are flushed."""
    for name in services:
        journaling.on_flush(name, _Recorded(name, dumps).flush)


class _Recorded:
    """What was recorded of one service."""

    def __init__(self, service: str, dumps: Callable[[Any, journaling.References], bytes]) -> None:
        self._service = service
        self._dumps = dumps
        self._digests: dict[Place, bytes] = {}

    def flush(self, _: str) -> None:
        """Record every backend that differs from its last record."""
        for place, backend in list(backends.everywhere()):
            if contents.service_of(place[0]) != self._service:
                continue
            references, extra = _references(place, backend), extra_of(backends.service(place[0]))
            state = state_of(backend)
            digest = hashlib.sha256(self._dumps((state, extra), references)).digest()
            if self._digests.get(place) != digest:
                journaling.record_with(references, replace, place, state, extra)
                self._digests[place] = digest


def extra_of(service: Any) -> State:
    """What moto keeps of a service above its backends."""
    return {name: value for name, value in vars(service).items() if name not in OWN}


def _references(place: Place, backend: Any) -> journaling.References:
    found = contents.of(place[0], backend)
    return {id(one): (contents.named, *place, *name) for name, one in found.items()} | aws_references(place, backend)


def aws_references(place: Place, backend: Any) -> dict[int, tuple[Any, ...]]:
    """The thousand policies that AWS manages, which every IAM backend has."""
    policies = backend.aws_managed_policies if isinstance(backend, IAMBackend) else ()
    return {id(policy): (aws_policy, *place, policy.arn) for policy in policies}


def state_of(backend: Any) -> State:
    """A backend's attributes, without the policies that AWS manages."""
    state = dict(vars(backend))
    if isinstance(backend, IAMBackend):
        policies = backend.managed_policies
        ours = {arn: found for arn, found in policies.items() if not isinstance(found, AWSManagedPolicy)}
        attached = {found.arn: found.attachment_count for found in backend.aws_managed_policies}
        del state["aws_managed_policies"]
        state |= {"managed_policies": ours, ATTACHED: {arn: count for arn, count in attached.items() if count}}
    return state


def restore(backend: Any, state: State) -> None:
    """Give a backend the attributes that ``state_of`` returned."""
    if isinstance(backend, IAMBackend):
        attached = state.pop(ATTACHED)
        aws = backend.aws_managed_policies
        for policy in aws:
            policy.attachment_count = attached.get(policy.arn, 0)
        state["managed_policies"] = {policy.arn: policy for policy in aws} | state["managed_policies"]
        state["aws_managed_policies"] = aws
    vars(backend).clear()
    vars(backend).update(state)


# --- redo


def replace(place: Place, state: State, extra: State) -> None:
    """Restore a backend's configuration."""
    vars(backends.service(place[0])).update(extra)
    restore(backends.named(*place), state)


def aws_policy(place: str, account: str, region: str, arn: str) -> AWSManagedPolicy:
    """A policy that AWS manages."""
    found: AWSManagedPolicy = backends.named(place, account, region).managed_policies[arn]
    return found
