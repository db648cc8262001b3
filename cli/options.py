"""Options and arguments that several commands share, and what they mean."""

from pathlib import Path
from typing import Annotated

import typer

from cli import completion, debugging
from cli.errors import UserError

Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, everything else elsewhere.")]
Debug = Annotated[
    bool,
    typer.Option(
        "--debug", help="Tell each call of AWS, and tracebacks.", callback=debugging.switch, is_eager=True,
        expose_value=False,
    ),
]  # fmt: skip
Prices = Annotated[
    Path | None, typer.Option("--prices", metavar="FILE", help="A price table; else the app's own: docs/cost.md.")
]
Stack = Annotated[str, typer.Option(help="The stack's name.")]
Model = Annotated[
    str,
    typer.Argument(
        help="A model's name: that of its file in models/, without .yaml.", autocompletion=completion.models
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Argument(help="Models; all of models/ when none is named.", autocompletion=completion.models),
]
Parameters = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A pipeline parameter; may be given again.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="An address to listen on besides 127.0.0.1; nobody is asked who they are.")]
OpenToNetwork = Annotated[
    bool, typer.Option("--open-to-network", help="Let --host be an address that other machines reach.")
]
State = Annotated[Path, typer.Option(help="The folder that holds jobs, logs and the server's own files.")]
NoCapacity = Annotated[
    list[str] | None,
    typer.Option(metavar="TYPE[,TYPE]", help="Instance types without capacity, to see what a run then does."),
]
Quota = Annotated[
    list[str] | None, typer.Option(metavar="TYPE=N", help="How many of an instance type may be in use at once.")
]
FaultFile = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="Faults to inject, to see what a run does then: docs/local-cloud.md"),
]
Version = Annotated[int | None, typer.Argument(min=1, help="A version; the newest that waits when none is named.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
ROT = ("turns", "none")  # what --rot takes; without a value the first
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]


def capacity_arguments(no_capacity: list[str] | None, quota: list[str] | None = None) -> list[str]:
    """``--no-capacity`` and ``--quota``, checked, as arguments of the local cloud's own command line.

    Raises:
        UserError: no such instance type, or no number.
    """
    from localcloud.instance_limits import BadLimits, of_arguments

    try:
        of_arguments(no_capacity or [], quota or [])
    except BadLimits as error:
        raise UserError(str(error)) from error
    given = {"--no-capacity": no_capacity or [], "--quota": quota or []}
    return [argument for option, values in given.items() for value in values for argument in (option, value)]


def fault_arguments(faults: Path | None) -> list[str]:
    """``--faults``, checked, as arguments of the local cloud's own command line.

    Raises:
        UserError: the file cannot be read, or asks for a fault that is not there.
    """
    from localcloud.faults.fault_file import BadFaults, read

    if faults is None:
        return []
    try:
        read(faults)
    except BadFaults as error:
        raise UserError(str(error)) from error
    return ["--faults", str(faults.resolve())]


def parse_parameters(given: list[str] | None) -> dict[str, str]:
    """Pipeline parameters by name, as ``--set`` gave them.

    Raises:
        UserError: one is no NAME=VALUE.
    """
    pairs = [item.partition("=") for item in given or []]
    if bad := [name for name, equals, _ in pairs if not equals or not name]:
        raise UserError(f"--set takes NAME=VALUE, not '{bad[0]}'")
    names = [name for name, _, _ in pairs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UserError(f"--set names '{twice[0]}' more than once; keep one of them")
    return {name: value for name, _, value in pairs}
