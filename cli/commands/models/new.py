"""``retrain new``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model
from cli.show.console import print_report


@command(after="demo")
def new(
    model: Model,
    data: Annotated[Path, typer.Option("--from", metavar="FILE", help="A CSV with a header line, or .csv.gz.")],
    target: Annotated[str | None, typer.Option(help="The column to predict.")] = None,
    as_json: Json = False,
) -> None:
    """Write a first models/MODEL.yaml by looking at the data.

    Says what was guessed, and why.
    """
    from cli.guess import first_model_file

    report = first_model_file.write(model, data, target)
    print_report(report, first_model_file.render_text(report, data, sys.argv[0]), as_json)
