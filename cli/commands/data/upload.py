"""``retrain upload``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.errors import UserError
from cli.options import Json, Model, Stack
from cli.show.console import NO, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK

DEADLINE_S, YOUNG_DEADLINE_S = 120, 900  # for the word on a file; a young stack finds it by looking


@command(after="publish")
def upload(
    model: Model,
    files: Annotated[list[Path] | None, typer.Argument(help="CSV files with a header line, or .csv.gz.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until each file is accepted or refused.")] = True,
    rescan: Annotated[
        bool, typer.Option("--rescan", help="Upload nothing; find what was uploaded and never heard of.")
    ] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Upload data sets; a run begins by itself. Exit code 1 when a file was refused."""
    from cli.stack.rows import rescan as rescanning
    from cli.stack.rows import uploading

    if rescan == bool(files):
        raise UserError("name files to upload, or --rescan without any")
    if rescan:
        done = rescanning.rescan(target_of(stack, as_json), model)
        print_report(done.report(), rescanning.render_text(done), as_json)
        return
    files = files or []
    for path in sorted(files, key=Path.is_file):  # those that are not there first
        uploading.check(path)
    target = target_of(stack, as_json)
    young = "" if target.local else rescanning.young_text(target.stack, model, target.created_at())
    if young:
        err.print(young, style="yellow", markup=False, soft_wrap=True)
    uploads = [uploading.upload(target, model, path) for path in files]
    if wait:
        deadline_s = DEADLINE_S if not young else YOUNG_DEADLINE_S
        uploads = [uploading.outcome(target, model, one, deadline_s=deadline_s) for one in uploads]
    print_report([asdict(one) for one in uploads], "\n".join(map(uploading.render_text, uploads)), as_json)
    if any(one.refused for one in uploads):
        raise typer.Exit(NO)
