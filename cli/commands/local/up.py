"""``retrain up`` and ``retrain down``: the local cloud with the stack in it and the models published."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import (
    FaultFile,
    Host,
    Json,
    NoCapacity,
    OpenToNetwork,
    Port,
    Quota,
    Stack,
    State,
    capacity_arguments,
    fault_arguments,
)
from cli.show.console import err, print_report
from cli.stack.target import DEFAULT_PORT, DEFAULT_STACK, DEFAULT_STATE, LOOPBACK


@command(after="check")
def up(
    port: Port = DEFAULT_PORT,
    host: Host = LOOPBACK,
    open_to_network: OpenToNetwork = False,
    state: State = DEFAULT_STATE,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready; `retrain down` ends it.")] = False,
    stack: Stack = DEFAULT_STACK,
    quiet_s: Annotated[int, typer.Option("--quiet", min=1, help="Seconds without an upload that close a batch.")] = 1,
    enforce_iam: Annotated[
        bool, typer.Option("--enforce-iam", help="Refuse what the template's roles do not permit, as AWS does.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew: empty the state folder first.")] = False,
    no_capacity: NoCapacity = None,
    quota: Quota = None,
    faults: FaultFile = None,
    as_json: Json = False,
) -> None:
    """Start the local cloud; it goes on from its state.

    The stack is deployed there and every model of models/ published.
    """
    from cli.stack.local import local_stack

    reach = local_stack.reach_arguments(host, err, open_to_network=open_to_network)
    arguments = [*reach, *capacity_arguments(no_capacity, quota), *fault_arguments(faults)]
    report = local_stack.bring_up(
        port, host, state, stack, quiet_s, err, enforce_iam=enforce_iam, fresh=fresh, arguments=arguments
    )
    print_report(report, local_stack.render_text(report), as_json)
    if not detach:
        local_stack.stay(state, err)


@command(after="up")
def down(
    state: Annotated[Path | None, typer.Option(help="Its state folder, if not the last one.")] = None,
    as_json: Json = False,
) -> None:
    """End the local cloud."""
    from cli.stack.local import server

    ended = server.bring_down(state)
    text = "the local cloud is down; `retrain up` goes on from here" if ended else "no local cloud was running"
    print_report({"ended": ended}, text, as_json)
