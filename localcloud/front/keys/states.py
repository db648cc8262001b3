"""Why a key cannot be used, as KMS says it. Reads moto's keys.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html, and AWS's own answers in
https://github.com/localstack/localstack/pull/7786 and https://github.com/localstack/localstack/pull/8423
"""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from localcloud.settings import ACCOUNT_ID, REGION

DISABLED, INVALID_STATE, NOT_FOUND = "Disabled", "InvalidState", "NotFound"
OF_AWS = "alias/aws/"
_KEY_ID_BYTES = 36  # with which moto's ciphertexts begin


class Unusable(NamedTuple):
    """What is wrong with a key, and how KMS says it."""

    kind: str
    message: str


def any_unusable() -> bool:
    """Whether there is a key that cannot be used at all."""
    return any(key.key_state != "Enabled" for key in _backend().keys.values())


def problem(key: str) -> Unusable | None:
    """Why a key of this account, by id, ARN or alias, cannot be used; None where it can, or is not this account's."""
    if key.startswith("arn:") and f":{REGION}:{ACCOUNT_ID}:" not in key:
        return None
    if key.removeprefix(f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:").startswith(OF_AWS):
        return None
    backend = _backend()
    try:
        found = backend.keys.get(backend.any_id_to_key_id(key))
    except AttributeError:  # moto's, of an alias that is not there
        found = None
    if found is None:
        arn = key if key.startswith("arn:") else f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:{_resource(key)}"
        return Unusable(NOT_FOUND, f"{'Alias' if 'alias/' in key else 'Key'} '{arn}' does not exist")
    if found.key_state == "Disabled":
        return Unusable(DISABLED, f"{found.arn} is disabled.")
    if found.key_state == "PendingDeletion":
        return Unusable(INVALID_STATE, f"{found.arn} is pending deletion.")
    return None


def key_of_ciphertext(blob: str) -> str | None:
    """The id of the key that a ciphertext, in base64, was made with; None where it says none."""
    try:
        return base64.b64decode(blob)[:_KEY_ID_BYTES].decode("ascii")
    except ValueError:
        return None


def _resource(key: str) -> str:
    return key if key.startswith("alias/") else f"key/{key}"


def _backend() -> Any:
    from moto.kms.models import kms_backends  # which has to be configured first

    return kms_backends[ACCOUNT_ID][REGION]
