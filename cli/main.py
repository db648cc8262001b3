"""``retrain``: the commands of ``cli/commands``, and what becomes of their errors."""

import inspect
import signal
import sys
from collections.abc import Callable
from typing import Any

import typer

from cli import commands
from cli.errors import UserError, aws_error_text, aws_errors
from cli.show.console import err
from cli.typed_words import take_as_typed

ENDED = 128 + signal.SIGTERM
UNUSABLE = 2  # exit code: the question could not be answered


def application() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # with marks, --help loads readers of Markdown and of source: twice the time of all else
    )
    for command in commands.load():
        app.command(name=command.name, short_help=_first_paragraph(command.function))(command.function)
    return app


def _first_paragraph(function: Callable[..., Any]) -> str:
    """What a command does, whole: of its own accord Typer ends it with dots where a line does."""
    return " ".join(inspect.getdoc(function).partition("\n\n")[0].split())  # type: ignore[union-attr]


def main() -> None:
    """Run the command; a person's mistake is one clear message and exit code 2."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
    take_as_typed()
    try:
        application()()
    except SystemExit:
        raise  # the usual end: no type of error below is looked up for it
    except UserError as error:
        _fail(str(error))
    except OSError as error:
        if error.filename is None:
            raise
        _fail(f"{error.filename}: {error.strerror}")
    except aws_errors() as error:
        from cli.stack.target import find

        _fail(aws_error_text(error, find()))


def _fail(message: str) -> None:
    err.print(f"retrain: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(UNUSABLE)
