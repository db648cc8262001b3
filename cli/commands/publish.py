"""``retrain publish``."""

import typer

from cli.commands import command
from cli.options import Json, Models, Parameters, Stack, parse_parameters
from cli.show.console import NO, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="down")
def publish(
    models: Models = None, parameters: Parameters = None, stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Upload a model's code and file, and create or update its pipelines: the next run uses them.

    Of several models those that can be are published; exit code 1 when one was not.
    """
    from cli import model_files
    from cli.stack import publishing

    target, overrides = target_of(stack, as_json), parse_parameters(parameters)
    published, failed = publishing.publish_all(target, models or model_files.names(), overrides, err.print)
    report = [*published, *({"model": model, "error": reason} for model, reason in failed.items())]
    print_report(report, publishing.render_text(published, failed), as_json)
    if failed:
        raise typer.Exit(NO)
