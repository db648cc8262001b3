"""``retrain start``."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Parameters, Prices, Stack, parse_parameters
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="upload")
def start(
    model: Model,
    parameters: Parameters = None,
    version: Annotated[
        int | None, typer.Option(min=1, help="A version of the pipeline; else the published one.")
    ] = None,
    tune: Annotated[bool, typer.Option("--tune", help="Search the ranges of the model file.")] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Run every step, also those that an earlier run has done on equal data.")
    ] = False,
    prices: Prices = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Begin a run on the data that is there, and say what it may cost."""
    from cli.show import cost_estimate, cost_report
    from cli.stack import run_requests

    asked, table, target = parse_parameters(parameters), cost_report.prices_of(prices), target_of(stack, as_json)
    started = run_requests.start(target, model, asked, version, tune=tune, no_cache=no_cache)
    estimate = cost_estimate.of_next_run(target, model, started.parameters, version, table)
    text = f"{run_requests.render_text(started)}\n{cost_estimate.render_text(estimate)}"
    print_report(asdict(started) | {"estimate": asdict(estimate)}, text, as_json)
