"""Where commands speak: reports on standard output, all else on standard error."""

import json
import sys
from typing import Any

import typer
from rich.console import Console

from cli.errors import UserError
from cli.stack.target import Target, find, find_gone

NO = 1  # exit code: asked and answered, and the answer is no


class PlainConsole(Console):
    """A terminal that no text from outside drives: escape sequences, bidi controls and their kind are shown as escapes.

    Where a text stands in a line of ours, whoever writes the line keeps line breaks out of it (``shown``).
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(
            **how, emoji=False
        )  # `:bell:` is no picture here, and the list of all pictures need not be read

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as a console does, texts without what would move, hide or reorder anything."""
        from app.decide.names.shown_text import shown_lines  # --help prints nothing and loads none of the app

        super().print(*(shown_lines(one) if isinstance(one, str) else one for one in objects), **how)


err = PlainConsole(stderr=True)
out = PlainConsole()


def confirm(question: str, unchanged: str) -> None:
    """Ask for a yes, and end the command where the answer is no.

    Raises:
        UserError: nobody is there to be asked; ``unchanged`` says what was not done.
    """
    if not sys.stdin.isatty():
        raise UserError(f"{unchanged}: input is not a terminal, so confirm with --yes")
    typer.confirm(question, abort=True, err=True)


def print_report(report: Any, text: str, as_json: bool) -> None:
    """Print ``report`` as JSON, or else ``text``, on standard output."""
    if as_json:
        print_json(report)
    else:
        out.print(text, markup=False, soft_wrap=True)


def print_json(report: Any) -> None:
    """Print ``report`` as JSON on standard output; what JSON has no form for, as text."""
    print(json.dumps(report, indent=1, default=str))


def target_of(stack: str, as_json: bool) -> Target:
    """Find where to talk to, and say so in a line on standard error."""
    target = find(stack)
    if gone := find_gone(target):
        err.print(f"the local cloud of {gone} is gone; `retrain up` starts one", style="yellow", markup=False)
    if not as_json:
        err.print(f"talking to {target}", style="dim", markup=False)
    return target
