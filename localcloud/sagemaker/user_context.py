"""Who asks: the principal behind a request's access key, as descriptions name it.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_IamIdentity.html
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localcloud.front import calls, credentials
from localcloud.settings import ACCESS_KEY

_authorization: ContextVar[str] = ContextVar("authorization", default="")


def asks(authorization: str) -> None:
    """Remember whose request this thread answers, by its Authorization header."""
    _authorization.set(authorization)


def user_context(account: str) -> dict[str, Any]:
    """UserContext of whoever asks: a role's session, an IAM user, or a user named after a key of no user's."""
    header = _authorization.get()
    credential = credentials.of({"HTTP_AUTHORIZATION": header})
    key = credential.key if credential else ""
    caller = calls.caller_of({"HTTP_AUTHORIZATION": header})
    if caller.role:
        role, session = caller.role.rpartition("/")[2], caller.name.rpartition("/")[2]
        arn, principal = f"arn:aws:sts::{account}:assumed-role/{role}/{session}", f"{role}:{session}"
    elif session := sts_backends[account]["aws"].get_assumed_role_from_access_key(key):
        arn, principal = session.arn, f"{session.role_arn.rpartition('/')[2]}:{session.session_name}"
    elif key in ("", ACCESS_KEY):
        arn, principal = f"arn:aws:iam::{account}:root", account
    else:
        known = iam_backends[account]["aws"].access_keys.get(key)
        name = known.user_name if known is not None else key
        arn, principal = f"arn:aws:iam::{account}:user/{name}", key
    return {"IamIdentity": {"Arn": arn, "PrincipalId": principal}}
