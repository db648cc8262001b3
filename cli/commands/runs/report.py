"""``retrain report``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="score")
def report(
    model: Model,
    version: Annotated[int | None, typer.Argument(min=1, help="A version; the newest when none is named.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the file goes.")] = Path(),
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Fetch the report of a version, one HTML file without network."""
    from cli.show import version_report

    fetched = version_report.fetch(target_of(stack, as_json), model, version, folder)
    print_report(asdict(fetched), fetched.path, as_json)
    if show:
        version_report.open_in_browser(fetched)
