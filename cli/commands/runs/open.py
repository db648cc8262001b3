"""``retrain open``."""

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer

from cli import completion
from cli.commands import command
from cli.options import Json, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="watch")
def open(
    what: Annotated[
        str,
        typer.Argument(
            help="A model's or a run's name, or a mail's link; else all models.",
            autocompletion=completion.models_and_runs,
        ),
    ] = "",
    show: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser, beside saying it.")
    ] = True,
    operate: Annotated[
        bool, typer.Option("--operate", help="It may also withdraw uploads, send dead letters again, and try a record.")
    ] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Open the console: models, versions, runs, who is asked.

    Its link is good for twelve hours. Of a stack whose pages want signed requests it signs the browser's, until Ctrl-C.
    """
    import webbrowser

    from cli.stack.signed_pages import Door
    from cli.stack.web_console import console_link

    target = target_of(stack, as_json)
    link = console_link(target, what, operates=operate)
    if as_json or not link.signed:
        print_report(asdict(link), link.address, as_json)
        if show and not as_json:
            webbrowser.open(link.address)
        return
    with Door(link.address, target.sign) as door, suppress(KeyboardInterrupt):
        print_report(
            None,
            f"{door.address}\nas long as this command runs, which signs what is asked there: Ctrl-C ends it",
            False,
        )
        if show:
            webbrowser.open(door.address)
        door.serve_forever()
