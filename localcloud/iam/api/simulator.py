"""SimulatePrincipalPolicy and SimulateCustomPolicy: SDKs ask them whether a role suffices before they use it.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import InvalidInput, NoSuchEntity

from localcloud.front import moto_patches
from localcloud.iam import attached, checks
from localcloud.iam.policies import Context, Document, Limit, UnsupportedPolicy
from localcloud.iam.simulation import simulate

RESPONSE = "moto.iam.responses:IamResponse"
NOT_PLAYED = (
    "PermissionsBoundaryPolicyInputList", "PolicyExclusionList", "ResourcePolicy", "ResourceOwner", "CallerArn",
    "ResourceHandlingOption",
)  # fmt: skip
MOST_AT_ONCE = 100


def install() -> None:
    """Give IAM its simulator."""
    moto_patches.add_operation(RESPONSE, "simulate_principal_policy", _principal)
    moto_patches.add_operation(RESPONSE, "simulate_custom_policy", _custom)


def _principal(self: Any) -> ActionResult:
    arn = str(self._get_param("PolicySourceArn"))
    if ":role/" not in arn:
        raise NotImplementedError(f"SimulatePrincipalPolicy takes roles, not {arn}")
    policies = attached.policies_of_role(arn, checks.place().account)
    if policies is None:
        raise NoSuchEntity(f"The role with name {arn.rpartition('/')[2]} cannot be found.")
    return _answer(self, arn, policies, attached.limits_of(arn, checks.place().account))


def _custom(self: Any) -> ActionResult:
    return _answer(self, "arn:aws:iam::simulated:role/simulated", {}, [])


def _answer(self: Any, principal: str, policies: Mapping[str, Document], limits: Sequence[Limit]) -> ActionResult:
    asked = [name for name in NOT_PLAYED if self._get_param(name)]
    if asked:
        raise NotImplementedError(f"The policy simulator does not take {', '.join(asked)}")
    given = self._get_param("PolicyInputList") or []
    own = {f"PolicyInputList.{number}": _parsed(text) for number, text in enumerate(given, 1)}
    actions, resources = self._get_param("ActionNames") or [], self._get_param("ResourceArns") or []
    try:
        found = simulate(principal, {**policies, **own}, actions, resources, _context(self), limits)
    except UnsupportedPolicy as error:
        raise NotImplementedError(str(error)) from error
    return ActionResult(_page(found, self._get_param("Marker"), self._get_param("MaxItems")))


def _context(self: Any) -> Context:
    entries: Sequence[Mapping[str, Any]] = self._get_param("ContextEntries") or []
    return {entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues") or ()) for entry in entries}


def _parsed(text: str) -> Document:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"Syntax errors in policy: {error}") from error
    return dict(found)


def _page(found: list[dict[str, Any]], marker: str | None, most: Any) -> dict[str, Any]:
    start = int(marker) if marker and marker.isdigit() else 0
    end = start + int(most or MOST_AT_ONCE)
    page: dict[str, Any] = {"EvaluationResults": found[start:end], "IsTruncated": end < len(found)}
    return page | ({"Marker": str(end)} if end < len(found) else {})
