"""``retrain why``."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="report")
def why(
    model: Model,
    version: Annotated[int | None, typer.Argument(min=1, help="A version; else the one that serves.")] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Say why a version serves.

    Its data, run, metrics and approval, what it replaced, what failed since.
    """
    from cli.show import why_report

    told = why_report.of_version(target_of(stack, as_json), model, version)
    print_report(asdict(told), why_report.render_text(told), as_json)
