"""``retrain doctor``."""

import typer

from cli.commands import command
from cli.options import Json, Models, Stack
from cli.show.console import NO, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="down")
def doctor(models: Models = None, stack: Stack = DEFAULT_STACK, as_json: Json = False) -> None:
    """Ask the account what its models would meet.

    Whose it is, images, quotas, the roles of what serves, logs of jobs. Nothing is changed, nothing costs.

    Exit code 1 when something lacks; each missing quota comes with the command that requests the raise.
    """
    from cli import model_files
    from cli.stack.account import examination

    target = target_of(stack, as_json)
    found = examination.examine(target, [model_files.load(name) for name in models or model_files.names()])
    print_report(found.data(), examination.render_text(found), as_json)
    if not found.good:
        raise typer.Exit(NO)
