"""``retrain demo``."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, NoCapacity, Parameters, capacity_arguments, parse_parameters
from cli.show.console import NO, err, out, print_json


@command(after="")
def demo(
    model: Model = "churn",
    data: Annotated[Path | None, typer.Option(help="A CSV of your own instead of generated rows.")] = None,
    rows: Annotated[int, typer.Option(min=100, help="How many rows to generate.")] = 5000,
    seed: Annotated[int, typer.Option(help="The seed of the generated rows.")] = 7,
    parameters: Parameters = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: approve.")] = False,
    no_capacity: NoCapacity = None,
    as_json: Json = False,
) -> None:
    """Run the whole loop on this machine, from upload to predictions.

    Upload, pipeline, gate, approval, endpoint or first batch, predictions. Exit code 1 when it did not come that far.
    """
    from cli.demo import loop

    capacity = tuple(capacity_arguments(no_capacity))
    request = loop.DemoRequest(model, data, rows, seed, parse_parameters(parameters), yes, capacity, silent=as_json)
    console = err if as_json else out
    report = loop.run(request, console)
    if as_json:
        print_json(report)
    else:
        loop.print_report(report, console)
    if not loop.succeeded(report):
        raise typer.Exit(NO)
