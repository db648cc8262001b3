"""``retrain status``."""

from typing import Annotated

import typer

from cli import completion
from cli.commands import command
from cli.options import Json, Stack
from cli.show.console import out, print_json, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="start")
def status(
    model: Annotated[
        str | None, typer.Argument(help="One model; all when none is named.", autocompletion=completion.models)
    ] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """What runs, what waits for a person, what serves, what was refused."""
    from cli.show import status_report

    report = status_report.of_stack(target_of(stack, as_json), model)
    if as_json:
        print_json(report)
    else:
        status_report.print_report(report, out)
