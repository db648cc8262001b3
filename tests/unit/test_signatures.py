"""Notifications are signed with one key, whichever subscription they go to."""

import pytest
from moto.sns.models import Subscription

from localcloud.bus import signatures


def test_two_subscriptions_sign_with_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Subscription, "private_key", Subscription.private_key)  # put back afterwards
    signatures.install()
    first, second = (Subscription.__new__(Subscription) for _ in range(2))

    assert first.private_key() is second.private_key()
