"""``retrain cost``."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli import completion
from cli.commands import command
from cli.options import Json, Prices, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="evidence")
def cost(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL|RUN]", help="A model or one run; else all.", autocompletion=completion.models_and_runs
        ),
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=24, help="How many: this month, and those before it.")] = 1,
    prices: Prices = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Say what runs, batch transforms and endpoints cost.

    From what SageMaker says that they used.
    """
    from cli.show import cost_report

    table = cost_report.prices_of(prices)
    report = cost_report.of_stack(target_of(stack, as_json), what, months, table)
    print_report(asdict(report), cost_report.render_text(report), as_json)
