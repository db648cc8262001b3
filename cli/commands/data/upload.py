"""``retrain upload``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import NO, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="publish")
def upload(
    model: Model,
    files: Annotated[list[Path], typer.Argument(help="CSV files with a header line.")],
    wait: Annotated[bool, typer.Option(help="Wait until each file is accepted or refused.")] = True,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Upload data sets; a run begins by itself. Exit code 1 when a file was refused."""
    from cli.stack.rows import uploading

    for path in sorted(files, key=Path.is_file):  # those that are not there first
        uploading.check(path)
    target = target_of(stack, as_json)
    uploads = [uploading.upload(target, model, path) for path in files]
    if wait:
        uploads = [uploading.outcome(target, model, one, deadline_s=120) for one in uploads]
    print_report([asdict(one) for one in uploads], "\n".join(map(uploading.render_text, uploads)), as_json)
    if any(one.refused for one in uploads):
        raise typer.Exit(NO)
