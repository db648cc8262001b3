"""The commands that send rows: to be trained on, or to be answered."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.errors import UserError
from cli.options import Json, Model, Stack
from cli.show.console import NO, say, target_of
from cli.stack import batch_scoring as scores
from cli.stack import predictions as prediction
from cli.stack import uploading as uploads
from cli.stack.target import DEFAULT_STACK


def upload(
    model: Model,
    files: Annotated[list[Path], typer.Argument(help="CSV files with a header line.")],
    wait: Annotated[bool, typer.Option(help="Wait until each file is accepted or refused.")] = True,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Upload data sets; a run begins by itself. Exit code 1 when a file was refused."""
    if lacking := [path for path in files if not path.is_file()]:
        raise UserError(f"no file {lacking[0]}; nothing was uploaded")
    target = target_of(stack, as_json)
    sent = [uploads.upload(target, model, path) for path in files]
    if wait:
        sent = [uploads.outcome(target, model, one, deadline_s=120) for one in sent]
    say([asdict(one) for one in sent], "\n".join(uploads.words(one) for one in sent), as_json)
    if any(one.refused for one in sent):
        raise typer.Exit(NO)


def predict(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV of raw records with a header line; - reads standard input.")],
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Ask the endpoint about the records of a file."""
    target = target_of(stack, as_json)
    text = sys.stdin.read() if str(file) == "-" else prediction.text_of(file)
    answers = [answer for part in prediction.chunks(text) for answer in prediction.invoke(target, model, part)]
    if not answers:
        raise UserError(f"no records in {'standard input' if str(file) == '-' else file}: a header line and rows")
    say({"model": model, "predictions": answers}, "\n".join(prediction.words(answer) for answer in answers), as_json)


def score(
    model: Model,
    file: Annotated[Path, typer.Argument(help="A CSV with a header line; every column comes back beside the answers.")],
    into: Annotated[Path | None, typer.Option("--into", help="Where to put them; else FILE.scored.csv.")] = None,
    deadline_s: Annotated[float, typer.Option("--deadline", help="Give up after so many seconds.")] = 7200.0,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Have a file scored in one batch by the version that serves. Exit code 1 when it was not."""
    scored = scores.score(target_of(stack, as_json), model, file, into or file.with_suffix(".scored.csv"), deadline_s)
    say(asdict(scored), scores.words(scored), as_json)
    if scored.status != "Scored":
        raise typer.Exit(NO)
