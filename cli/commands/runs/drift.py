"""``retrain drift``."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.commands import command
from cli.options import Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="quality")
def drift(
    model: Model,
    most: Annotated[int, typer.Option("--windows", min=1, max=1000, help="How many, the newest.")] = 30,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Say how far data have moved from what serves learnt from.

    Uploads and scored files are looked at window by window.
    """
    from cli.show import drift_report

    report = drift_report.of_model(target_of(stack, as_json), model, most)
    print_report(asdict(report), drift_report.render_text(report), as_json)
