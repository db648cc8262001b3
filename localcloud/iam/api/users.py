"""What of users is refused by name: moto keeps no permissions boundary of theirs, and would forget it in silence."""

from __future__ import annotations

from typing import Any

from localcloud.front import moto_patches


def install() -> None:
    """Refuse a user with a permissions boundary."""

    def create_user(self: Any) -> Any:
        if self._get_param("PermissionsBoundary"):
            raise NotImplementedError("CreateUser does not take PermissionsBoundary: only roles have one here")
        return original(self)

    original = moto_patches.replace("moto.iam.responses:IamResponse.create_user", create_user)
