"""Who reaches a server that listens beyond loopback, and that this has to be meant. Pure."""

from __future__ import annotations

import ipaddress

from localcloud.front.startup_locks import LOOPBACK_NAME, CannotStart

FLAG = "--open-to-network"


def told(host: str, *, meant: bool) -> str | None:
    """What it means to listen on ``host``, for the person who asked; None where only this machine reaches it.

    Raises:
        CannotStart: it is empty, which sockets take for every address; or other machines reach it and that is not
            ``meant``.
    """
    if not host.strip():
        raise CannotStart("--host is empty: say an address of this machine, or 0.0.0.0 for every one")
    if _is_loopback(host):
        return None
    means = "nobody is asked who they are, and whoever reaches it runs code as you and reads all that it holds"
    if not meant:
        raise CannotStart(f"{host} may be reached from other machines: {means}; say {FLAG} where that is meant")
    return f"open to the network at {host}: {means}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == LOOPBACK_NAME
