"""One key signs all notifications: moto makes one for each subscription, which takes 0.1 to 0.3 s of a
processor, and keeps it for ever.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from localcloud.front import moto_patches

EXPONENT, BITS = 65_537, 2_048  # moto's


@cache
def key() -> rsa.RSAPrivateKey:
    """The key of this process, made with the first notification."""
    return rsa.generate_private_key(EXPONENT, BITS)


def install() -> None:
    """Let every subscription sign with it."""

    def private_key(self: Any) -> rsa.RSAPrivateKey:
        return key()

    moto_patches.replace("moto.sns.models:Subscription.private_key", private_key)
