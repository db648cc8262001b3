"""Fixtures of the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import moto_world
import pytest
import script_runs
from app.aws import clients
from app.ledger import ledger
from app.settings import settings
from moto import mock_aws

from localcloud.bus import signatures
from localcloud.dynamodb import serialization

signatures.install()  # a key for each world's one notification, and looking for values under twelve names, take long
serialization.install()


def pytest_unconfigure() -> None:
    script_runs.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[moto_world.World]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.DEFAULT_SESSION = moto_world.session()  # mock_aws puts back what was there
        for cached in (clients.client, ledger, settings):
            cached.cache_clear()
        yield moto_world.made(monkeypatch)
        for cached in (clients.client, ledger, settings):
            cached.cache_clear()
