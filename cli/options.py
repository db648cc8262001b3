"""Options and arguments that several commands share, and what they mean."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import UserError

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, everything else elsewhere.")]
Stack = Annotated[str, typer.Option(help="The stack's name.")]
Model = Annotated[str, typer.Argument(help="A model's name: that of its file in models/, without .yaml.")]
Models = Annotated[list[str] | None, typer.Argument(help="Models; all of models/ when none is named.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A pipeline parameter; may be given again.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="An address to listen on besides 127.0.0.1; nobody is asked who they are.")]
State = Annotated[Path, typer.Option(help="The folder that holds jobs, logs and the server's own files.")]
Version = Annotated[int | None, typer.Argument(help="A version; the newest that waits when none is named.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]


def parameters(given: list[str] | None) -> dict[str, str]:
    """What ``--set`` said.

    Raises:
        UserError: one is no NAME=VALUE.
    """
    pairs = [item.partition("=") for item in given or []]
    if bad := [name for name, equals, _ in pairs if not equals or not name]:
        raise UserError(f"--set takes NAME=VALUE, not '{bad[0]}'")
    return {name: value for name, _, value in pairs}
