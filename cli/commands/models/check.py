"""``retrain check``."""

import typer

from cli.commands import command
from cli.options import Json, Models
from cli.show.console import NO, print_report


@command(after="new")
def check(models: Models = None, as_json: Json = False) -> None:
    """Say what is wrong in the model files. Exit code 1 when something is."""
    from cli import model_files

    problems = {model: model_files.problems(model) for model in models or model_files.names()}
    lines = [line for model, wrong in problems.items() for line in (wrong or [f"models/{model}.yaml: good"])]
    print_report(problems, "\n".join(lines), as_json)
    if any(problems.values()):
        raise typer.Exit(NO)
