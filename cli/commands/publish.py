"""``retrain publish``."""

from cli.commands import command
from cli.options import Json, Models, Parameters, Stack, parse_parameters
from cli.show.console import err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="down")
def publish(
    models: Models = None, parameters: Parameters = None, stack: Stack = DEFAULT_STACK, as_json: Json = False
) -> None:
    """Upload a model's code and file, and create or update its pipeline: the next run uses them."""
    from cli import model_files
    from cli.stack import publishing

    target, overrides = target_of(stack, as_json), parse_parameters(parameters)
    published = [publishing.publish(target, model, overrides, err.print) for model in models or model_files.names()]
    lines = ["{model}: pipeline {pipeline_name} version {pipeline_version_id}".format(**one) for one in published]
    print_report(published, "\n".join(lines), as_json)
