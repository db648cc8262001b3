"""``retrain demo``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.errors import UserError
from cli.options import ROT, Json, Model, NoCapacity, Parameters, capacity_arguments, parse_parameters
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
    rot: Annotated[
        str | None, typer.Option(metavar="[turns|none]", help="Watch windows of traffic: a market that turns, or none.")
    ] = None,
    windows: Annotated[int, typer.Option(min=1, max=99, help="With --rot: how many windows.")] = 8,
    as_json: Json = False,
) -> None:
    """Run the whole loop on this machine, from upload to predictions.

    Upload, pipeline, gate, approval, endpoint or first batch, predictions. Exit code 1 when it did not come that far.
    With --rot: what serves falls when a market turns, is trained again by itself, and is as good as before.
    """
    if rot is not None:
        own = {"--data": data, "--set": parameters, "--no-capacity": no_capacity}
        _rot(model, rot, (rows, windows, seed), own, as_json)
        return
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


def _rot(model: str, rot: str, size: tuple[int, int, int], others: Mapping[str, object], as_json: bool) -> None:
    from cli.demo import turning

    if rot not in ROT:
        raise UserError(f"--rot takes {' or '.join(ROT)}, not '{rot}'")
    if given := [name for name, value in others.items() if value]:
        raise UserError(f"{given[0]} has no meaning with --rot, which makes up its rows and settings; leave it out")
    request = turning.TurnRequest(model, rot == "turns", *size)
    report = turning.run(request, err if as_json else out)
    if as_json:
        print_json(report.document())
    if not report.succeeded:
        raise typer.Exit(NO)
