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
    file: Annotated[
        Path,
        typer.Argument(help="A CSV with a header line, or .csv.gz; every column comes back."),
    ],
    into: Annotated[Path | None, typer.Option("--into", help="Where to put the CSV; else FILE.scored.csv.")] = None,
    spreadsheet_safe: Annotated[
        bool, typer.Option("--spreadsheet-safe", help="Write ' before each cell that a spreadsheet would run.")
    ] = False,
    deadline_s: Annotated[float, typer.Option("--deadline", help="Give up after so many seconds.")] = 7200.0,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Have a file scored in one batch by the version that serves. Exit code 1 when it was not."""
    from cli.stack.rows import batch_scoring

    plain = file.with_suffix("") if file.suffix == ".gz" else file
    target, answers = target_of(stack, as_json), into or plain.with_suffix(".scored.csv")
    scored = batch_scoring.score(target, model, file, answers, deadline_s)
    if scored.status == batch_scoring.SCORED:
        scored = batch_scoring.for_spreadsheets(scored, safe=spreadsheet_safe)
    print_report(asdict(scored), batch_scoring.render_text(scored), as_json)
    if scored.status != batch_scoring.SCORED:
        raise typer.Exit(NO)
