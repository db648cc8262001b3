"""Every permission that a role or a service asked for, remembered; and refused, where policies are enforced.

People are held to their policies where these are enforced, and are not written down; the root user may do everything.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from localcloud.iam import attached
from localcloud.iam.permissions import Place, RequiredPermission
from localcloud.iam.policies import AccessRequest, Context, Decision, Document, Limit, decide, decide_trust

MOST_REMEMBERED = 50_000
BY_TRUST = ("sts:AssumeRole", "sts:TagSession")
ANYBODY = "*"  # nobody signed the request


class Refused(Exception):
    """A policy does not permit it; the text is AWS's."""


@dataclass
class Check:
    """One distinct question and its last answer."""

    principal: str
    caller: str  # "function/<name>", "job/<name>", ...; "" for a service's delivery
    action: str
    resource: str
    context: dict[str, list[str]]
    allowed: bool
    why: str
    count: int = 1


_place = Place("us-east-1", "123456789012")
_enforcing = False
_lock = threading.Lock()
_remembered: dict[tuple[Any, ...], Check] = {}


def install(place: Place, *, enforce: bool) -> None:
    """Remember from now on; with ``enforce``, refuse what policies do not permit."""
    global _place, _enforcing
    _place, _enforcing = place, enforce


def enforcing() -> bool:
    """Whether what policies do not permit is refused."""
    return _enforcing


def place() -> Place:
    """This cloud's region and account."""
    return _place


def require(role: str, needs: Iterable[RequiredPermission], caller: str = "") -> None:
    """A role needs all of these.

    Raises:
        Refused: when policies are enforced and do not permit one of them.
    """
    for need in needs:
        ask = _ask(role, need)
        _enforce(ask, caller, need.context, _decided(ask, attached.of_role(role, _place.account)))


def require_of_person(
    arn: str,
    needs: Iterable[RequiredPermission],
    session: str = "",
    limits: Sequence[Limit] = (),
    tags: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """A user, or somebody in a session of a role, needs all of these. What people ask is not written down.

    ``limits`` are the session's own policies, ``tags`` its own, which count before the role's.

    Raises:
        Refused: their policies do not permit one of them.
    """
    for need in needs:
        ask = _ask(arn, need, tags)
        decision = _decided(ask, attached.of_principal(arn, _place.account), limits)
        if not decision.allowed:
            raise Refused(denial_text(ask, session, decision))


def require_of_anybody(needs: Iterable[RequiredPermission]) -> None:
    """A caller whom nobody knows needs all of these of the resources' own policies. It is not written down.

    Raises:
        Refused: when policies are enforced and do not permit one of them.
    """
    for need in needs:
        ask = _ask(ANYBODY, need)
        decision = decide(ask, [], attached.of_resource(need.resource, _place.account))
        if _enforcing and not decision.allowed:
            raise Refused(denial_text(ask, "", decision))


def _decided(ask: AccessRequest, identity: Sequence[Document], limits: Sequence[Limit] = ()) -> Decision:
    """By the principal's policies, the resource's (a role's is its trust), and what bounds principal and session."""
    account = _place.account
    bounds = [*attached.limits_of(ask.principal, account), *limits]
    if ask.action in BY_TRUST:
        return decide_trust(ask, identity, attached.trust_of(ask.resource, account), bounds)
    return decide(ask, identity, attached.of_resource(ask.resource, account), bounds)


def _ask(principal: str, need: RequiredPermission, tags: Mapping[str, str] = MappingProxyType({})) -> AccessRequest:
    """The request as policies see it: with what every call has, and the tags of who calls."""
    context = {
        "aws:PrincipalArn": (principal,),
        "aws:PrincipalAccount": (_place.account,),
        "aws:SecureTransport": ("true",),  # this server stands for endpoints with TLS
        **_tags_of(principal),
        **{f"aws:PrincipalTag/{name}": (value,) for name, value in tags.items()},
        **need.context,
    }
    return AccessRequest(principal, need.action, need.resource, context)


def _tags_of(principal: str) -> Context:
    tags = attached.tags_of(principal, _place.account)
    return {f"aws:PrincipalTag/{name}": (value,) for name, value in tags.items()}


def require_of_service(service: str, action: str, resource: str, source_arn: str) -> None:
    """A service delivers on behalf of ``source_arn``: the resource's own policy must admit it.

    Raises:
        Refused: when policies are enforced and it does not.
    """
    own: Context = {"aws:SourceArn": (source_arn,), "aws:SourceAccount": (_place.account,)}
    ask = AccessRequest(service, action, resource, {**own, "aws:SecureTransport": ("true",)})
    _enforce(ask, "", own, decide(ask, [], attached.of_resource(resource, _place.account)))


def assume(service: str, role: str, source_arn: str) -> None:
    """A service takes on a role, if the role trusts it.

    Raises:
        Refused: when policies are enforced and it does not.
    """
    own: Context = {"aws:SourceArn": (source_arn,), "aws:SourceAccount": (_place.account,)}
    ask = AccessRequest(service, "sts:AssumeRole", role, own)
    _enforce(ask, "", own, decide(ask, [], attached.trust_of(role, _place.account)))


def _enforce(ask: AccessRequest, caller: str, own: Context, decision: Decision) -> None:
    _remember(ask, caller, own, decision)
    if _enforcing and not decision.allowed:
        raise Refused(denial_text(ask, caller, decision))


def denial_text(ask: AccessRequest, caller: str, decision: Decision) -> str:
    """AWS's sentence. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    who = ask.principal
    if ":role/" in who:
        session = caller.rpartition("/")[2] or "session"
        who = f"{who.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/{session}"
    return f"User: {who} is not authorized to perform: {ask.action} on resource: {ask.resource} {decision.why}"


def _remember(ask: AccessRequest, caller: str, own: Context, decision: Decision) -> None:
    key = (ask.principal, ask.action, ask.resource, tuple(sorted(own.items())), decision.allowed)
    with _lock:
        if key in _remembered:
            _remembered[key].count += 1
        elif len(_remembered) < MOST_REMEMBERED:
            context = {name: list(values) for name, values in own.items()}
            _remembered[key] = Check(
                ask.principal, caller, ask.action, ask.resource, context, decision.allowed, decision.why
            )


def page(_: Any) -> list[Mapping[str, Any]]:
    """Everything remembered as a JSON document, in the order in which it was first asked."""
    with _lock:
        return [asdict(check) for check in _remembered.values()]
