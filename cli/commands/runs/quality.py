"""``retrain quality``."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="why")
def quality(
    model: Model,
    metric: Annotated[str | None, typer.Option(help="By which metric; else the gate's first.")] = None,
    most: Annotated[int, typer.Option("--windows", min=1, max=1000, help="How many, the newest.")] = 30,
    daily: Annotated[bool, typer.Option("--by-day", help="Put the windows of a day together.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Say how well what serves answers new rows, upload by upload."""
    from cli.show import quality_report

    report = quality_report.of_model(target_of(stack, as_json), model, metric, most, daily=daily)
    print_report(asdict(report), quality_report.render_text(report), as_json)
