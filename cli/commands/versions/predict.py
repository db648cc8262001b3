"""``retrain predict``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import command
from cli.errors import UserError
from cli.options import Json, Model, Stack
from cli.show.console import err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="redrive")
def predict(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV of raw records with a header line; - reads standard input.")],
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Ask the endpoint about the records of a file."""
    from cli.stack.rows import predictions

    target = target_of(stack, as_json)
    text = sys.stdin.read() if str(file) == "-" else predictions.text_of(file)
    answered = [predictions.invoke(target, model, part) for part in predictions.chunks(text)]
    answers = [prediction for one in answered for prediction in one.predictions]
    if not answers:
        raise UserError(f"no records in {'standard input' if str(file) == '-' else file}: a header line and rows")
    if unknown := predictions.unknown_text(answered):
        err.print(unknown, style="yellow", markup=False, soft_wrap=True)
    lines = map(predictions.render_text, answers)
    print_report({"model": model, "predictions": answers}, "\n".join(lines), as_json)
