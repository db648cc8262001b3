"""``retrain evidence``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="quality")
def evidence(
    model: Model,
    version: Annotated[int, typer.Argument(min=1, help="A version.")],
    folder: Annotated[Path, typer.Option(help="Where the archive goes.")] = Path(),
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Pack what an auditor asks for about a version.

    One archive with checksums and a readable index.
    """
    from cli.show import evidence as collected

    made = collected.collect(target_of(stack, as_json), model, version, folder)
    print_report(asdict(made), collected.render_text(made), as_json)
