"""A role's session keeps the policies and tags that it was begun with, and lasts no longer than its role says; what
else AssumeRole takes is refused by name.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sts.exceptions import STSValidationError
from moto.sts.models import sts_backends

from localcloud.front import moto_patches

SHORTEST_S, USUAL_S = 900, 3600  # of a session; the latter also where a role says nothing of its longest
NOT_PLAYED = ("SourceIdentity", "TransitiveTagKeys", "ProvidedContexts", "SerialNumber", "TokenCode")


def install() -> None:
    """Let moto remember what a session was begun with."""

    def assume_role(self: Any) -> Any:
        if asked := [name for name in NOT_PLAYED if self._get_param(name) or self._get_param(f"{name}.member.1")]:
            raise NotImplementedError(f"AssumeRole does not take {', '.join(asked)}")
        _check(self._get_param("Policy"))
        _check_duration(self._get_param("RoleArn"), int(self._get_int_param("DurationSeconds", USUAL_S)))
        answer = original(self)
        session = sts_backends[self.current_account]["aws"].get_assumed_role_from_access_key(
            answer.result["Credentials"].access_key_id
        )
        if session is not None:
            session.begun_with = {"arns": _arns(self), "tags": _tags(self)}
        return answer

    original = moto_patches.replace("moto.sts.responses:TokenResponse.assume_role", assume_role)


def policy_arns_of(session: Any) -> Sequence[str]:
    """The managed policies that a session was begun with."""
    found: Sequence[str] = getattr(session, "begun_with", {}).get("arns", ())
    return found


def tags_of(session: Any) -> Mapping[str, str]:
    """The tags that a session was begun with."""
    found: Mapping[str, str] = getattr(session, "begun_with", {}).get("tags", {})
    return found


def _check(policy: str | None) -> None:
    try:
        document = json.loads(policy) if policy else {}
    except ValueError as error:
        raise STSValidationError(f"This policy contains invalid Json: {error}") from error
    if not isinstance(document, dict):
        raise STSValidationError("This policy contains invalid Json")


def _check_duration(role_arn: str, duration_s: int) -> None:
    """A session lasts no longer than its role's MaxSessionDuration; of a role that is not there nothing is known.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (DurationSeconds)
    """
    if duration_s < SHORTEST_S:
        raise STSValidationError(
            f"1 validation error detected: Value '{duration_s}' at 'durationSeconds' failed to satisfy constraint:"
            f" Member must have value greater than or equal to {SHORTEST_S}"
        )
    account = role_arn.split(":")[4] if role_arn.count(":") > 4 else ""
    try:
        longest = iam_backends[account]["aws"].get_role_by_arn(role_arn).max_session_duration
    except NotFoundException:
        return
    if duration_s > int(longest or USUAL_S):
        raise STSValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def _arns(response: Any) -> list[str]:
    return [str(one["arn"]) for one in _members(response, "PolicyArns")]


def _tags(response: Any) -> dict[str, str]:
    return {str(one["Key"]): str(one.get("Value", "")) for one in _members(response, "Tags")}


def _members(response: Any, name: str) -> list[dict[str, str]]:
    """A list of a form, whose members are numbered from 1 on."""
    found: dict[str, dict[str, str]] = {}
    for parameter, values in response.querystring.items():
        whole, _, rest = parameter.partition(".member.")
        number, _, field = rest.partition(".")
        if whole == name and field and number.isdigit():
            found.setdefault(number, {})[field] = values[0]
    return [found[number] for number in sorted(found, key=int)]
