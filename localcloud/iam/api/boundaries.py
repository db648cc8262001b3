"""A role's permissions boundary is a policy that is there: moto keeps any ARN, and every call would be denied."""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import NotFoundException

from localcloud.front import moto_patches


def install() -> None:
    """Refuse a role with a boundary that does not exist.

    Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (NoSuchEntity)
    """
    for operation in ("create_role", "put_role_permissions_boundary"):
        _look(operation)


def _look(operation: str) -> None:
    def change(self: Any) -> Any:
        boundary = self._get_param("PermissionsBoundary")
        is_policy = bool(boundary and self.backend.policy_arn_regex.match(boundary))
        if is_policy and boundary not in self.backend.managed_policies:
            raise NotFoundException(f"Scope ARN: {boundary} does not exist or is not attachable.")
        return original(self)

    original = moto_patches.replace(f"moto.iam.responses:IamResponse.{operation}", change)
