"""``retrain``: the commands of ``cli/commands``, and what becomes of their errors."""

import inspect
import signal
import sys
from collections.abc import Callable
from copy import copy
from types import TracebackType
from typing import Any

import typer

from cli import commands, debugging, environment
from cli.errors import UserError, aws_error_text, aws_errors
from cli.options import Debug
from cli.show.console import err
from cli.typed_words import SpokenCommand, take_as_typed

ENDED = 128 + signal.SIGTERM
INTERRUPTED = 128 + signal.SIGINT
UNUSABLE = 2  # exit code: the question could not be answered
UNFORESEEN = 70  # exit code: a fault of the command itself. Source: https://man.freebsd.org/cgi/man.cgi?sysexits(3)
HELP = "Exit codes, environment variables, what --json says: docs/commands.md"


def application() -> typer.Typer:
    """The commands, as they register themselves."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # with marks, --help loads readers of Markdown and of source: twice the time of all else
        epilog=HELP,
    )
    for command in commands.load():
        told = first_sentence(command.function)
        app.command(name=command.name, cls=SpokenCommand, short_help=told)(command.function)
    return app


def command_line() -> Any:
    """The whole command line: the commands with ``--debug``, and every option by environment, too."""
    group: Any = typer.main.get_command(application())
    for option in group.params:
        option.help = option.help.partition(",")[0]  # a line each: the list of commands is to fit a screen
    debug = _debug_option()
    for command in (group, *group.commands.values()):
        command.params.append(debug if command is group else copy(debug))
    environment.take(group)
    return group


def _debug_option() -> Any:
    app = typer.Typer(add_completion=False)

    @app.command()
    def debugged(debug: Debug = False) -> None:
        """Say nothing: the option alone is wanted."""

    return typer.main.get_command(app).params[0]


def first_sentence(function: Callable[..., Any]) -> str:
    """What a command does, in the line that the list of commands has for it."""
    first = " ".join(inspect.getdoc(function).partition("\n\n")[0].split())  # type: ignore[union-attr]
    return first.partition(". ")[0].removesuffix(".") + "."


def main() -> None:
    """Run the command; a person's mistake is one clear message and exit code 2."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
    sys.excepthook = unforeseen
    take_as_typed()
    try:
        command_line()(prog_name="retrain")
    except SystemExit:
        raise  # the usual end: no type of error below is looked up for it
    except UserError as error:
        _fail(str(error), error)
    except OSError as error:
        if error.filename is None:
            raise
        _fail(f"{error.filename}: {error.strerror}", error)
    except aws_errors() as error:
        from cli.stack.target import find

        _fail(aws_error_text(error, find()), error)


def unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Tell what nobody foresaw in a sentence; the traceback is there for who asks for it."""
    debugging.tell(error)
    remedy = "" if debugging.ON[0] else "; once more with --debug says where"
    err.print(f"retrain: unforeseen {kind.__name__}: {error}{remedy}", style="red", markup=False, soft_wrap=True)
    sys.exit(UNFORESEEN)


def _fail(message: str, error: BaseException) -> None:
    debugging.tell(error)
    err.print(f"retrain: {message}", style="red", markup=False, soft_wrap=True)
    sys.exit(UNUSABLE)
