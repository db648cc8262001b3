"""``retrain``: the commands of ``cli/commands``, and what becomes of their errors."""

import signal
import sys

import typer

from cli import commands
from cli.errors import UserError, aws_error_text, aws_errors
from cli.show.console import err

ENDED = 128 + signal.SIGTERM
UNUSABLE = 2  # exit code: the question could not be answered


def application() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for command in commands.load():
        app.command(name=command.name)(command.function)
    return app


def main() -> None:
    """Run the command; a person's mistake is one clear message and exit code 2."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
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
