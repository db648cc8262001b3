"""Who reaches a server beyond loopback."""

from __future__ import annotations

import pytest

from localcloud.front.reach import told
from localcloud.front.startup_locks import CannotStart


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "LocalHost", "::1"])
@pytest.mark.parametrize("meant", [True, False])
def test_of_loopback_nothing_is_told(host: str, meant: bool) -> None:
    assert told(host, meant=meant) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "172.17.0.1", "192.168.1.7", "::", "build.lan", "127.0.0.1.evil.test"])
def test_beyond_loopback_it_is_refused_unless_it_is_meant(host: str) -> None:
    with pytest.raises(CannotStart, match=r"runs code as you.*; say --open-to-network where that is meant"):
        told(host, meant=False)

    assert told(host, meant=True) == (
        f"open to the network at {host}: nobody is asked who they are, "
        "and whoever reaches it runs code as you and reads all that it holds"
    )


@pytest.mark.parametrize("host", ["", " "])
@pytest.mark.parametrize("meant", [True, False])
def test_no_address_is_not_taken_for_every_address(host: str, meant: bool) -> None:
    with pytest.raises(CannotStart, match="--host is empty: say an address of this machine"):
        told(host, meant=meant)
