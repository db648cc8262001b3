"""``retrain score``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import NO, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="predict")
def score(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV with a header line; every column comes back beside the answers.")],
    into: Annotated[Path | None, typer.Option("--into", help="Where to put them; else FILE.scored.csv.")] = None,
    spreadsheet_safe: Annotated[
        bool, typer.Option("--spreadsheet-safe", help="Write ' before each cell that a spreadsheet would run.")
    ] = False,
    deadline_s: Annotated[float, typer.Option("--deadline", help="Give up after so many seconds.")] = 7200.0,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Have a file scored in one batch by the version that serves. Exit code 1 when it was not."""
    from cli.stack.rows import batch_scoring

    target, answers = target_of(stack, as_json), into or file.with_suffix(".scored.csv")
    scored = batch_scoring.score(target, model, file, answers, deadline_s)
    if scored.status == batch_scoring.SCORED:
        scored = batch_scoring.for_spreadsheets(scored, safe=spreadsheet_safe)
    print_report(asdict(scored), batch_scoring.render_text(scored), as_json)
    if scored.status != batch_scoring.SCORED:
        raise typer.Exit(NO)
