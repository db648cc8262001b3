"""``retrain cost``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="evidence")
def cost(
    what: Annotated[str | None, typer.Argument(metavar="[MODEL|RUN]", help="A model or one run; else all.")] = None,
    months: Annotated[int, typer.Option(min=1, max=24, help="How many: this month, and those before it.")] = 1,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A price table; else the app's own: docs/cost.md.")
    ] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Say what runs, batch transforms and endpoints cost, from what SageMaker says that they used."""
    from cli.show import cost_report

    table = cost_report.prices_of(prices)
    report = cost_report.of_stack(target_of(stack, as_json), what, months, table)
    print_report(asdict(report), cost_report.render_text(report), as_json)
