"""``python -m localcloud --port N --state DIR``: the local cloud in the foreground."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from localcloud import instance_limits
from localcloud.faults import fault_file, injection
from localcloud.front.reach import FLAG, told
from localcloud.front.startup_locks import CannotStart
from localcloud.settings import DEFAULT_PORT, LOOPBACK

YELLOW = "\x1b[33mlocalcloud: {}\x1b[0m\n"


def main() -> int:
    """Serve until SIGTERM; 1 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--host", default=LOOPBACK, help="an address to listen on besides 127.0.0.1; no login is asked")
    parser.add_argument(FLAG, action="store_true", help="let --host be one that other machines reach")
    parser.add_argument("--state", type=Path, default=Path(".localcloud"), help="folder for logs, jobs and endpoints")
    parser.add_argument("--enforce-iam", action="store_true", help="refuse what a role's policies do not permit")
    parser.add_argument(
        "--keep", action="store_true", help="save the state in the folder, and go on from what is there"
    )
    parser.add_argument(
        "--no-capacity", action="append", default=[], metavar="TYPE[,TYPE]", help="instance types without capacity"
    )
    parser.add_argument(
        "--quota", action="append", default=[], metavar="TYPE=N", help="how many of an instance type may be in use"
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="faults to inject (docs/local-cloud.md)")
    given = parser.parse_args()
    from localcloud.server import run

    try:
        if words := told(given.host, meant=given.open_to_network):
            sys.stderr.write(YELLOW.format(words) if sys.stderr.isatty() else f"localcloud: {words}\n")
        instance_limits.change(instance_limits.of_arguments(given.no_capacity, given.quota))
        injection.change(fault_file.read(given.faults) if given.faults else fault_file.Faults())
        run(given.state, given.port, given.host, enforce_iam=given.enforce_iam, keep=given.keep)
    except (instance_limits.BadLimits, fault_file.BadFaults, CannotStart) as error:
        sys.stderr.write(f"localcloud: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
