"""``python -m cli.reference``: docs/commands.md and docs/commands.schema.json, written from the commands themselves
(``make docs``).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from cli.environment import EVERYWHERE, name_of
from cli.main import ENDED, INTERRUPTED, UNFORESEEN, UNUSABLE, application
from cli.shapes import documents
from cli.show.console import NO

PATH = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
SCHEMA_PATH = PATH.with_name("commands.schema.json")
HEAD = f"""# Commands

<!-- `make docs` writes this page from the commands themselves; a test compares. -->

`retrain COMMAND --help` says the same. A command talks to the endpoint that `AWS_ENDPOINT_URL` names, else to the local
cloud that `retrain up` started here, else to AWS, and says which.

**JSON.** With `--json`, standard output is one JSON document and nothing else, or nothing where the question could not
be answered: then the reason is on standard error. [commands.schema.json](commands.schema.json) has the shape of each
command's document as JSON Schema, under `$defs` by the command's name. Later releases may add keys.

**Environment.** Every option can be set by a variable of its command: `{name_of("upload", "--wait")}=0` is
`retrain upload --no-wait`, `{name_of("score", "--into")}=out.csv` is `retrain score --into out.csv`; where an option
may be given again, the variable has all values with spaces between. For all commands at once there are
{", ".join(f"`{name_of(one)}`" for one in EVERYWHERE)}.
What is typed goes first, then the command's own variable.

**Completion.** `retrain --install-completion` teaches bash, zsh, fish or PowerShell commands, options, the models of
this folder, and, while a local cloud runs here, its newest runs; `retrain --show-completion` prints the script instead.

**When something fails** one sentence says what, and what to do. With `--debug` a traceback and each call of AWS are
told on standard error, with the request id that AWS's support asks for, and without what was sent.

| exit code | means |
|---|---|
| 0 | done |
| {NO} | asked and answered, and the answer is no: a failed run, a refused file, a wrong model file, something left |
| {UNUSABLE} | not answered: the command line is wrong, nothing answers there, or there is no such thing |
| {UNFORESEEN} | a fault of the command itself; once more with `--debug` it says where |
| {int(INTERRUPTED)} | interrupted (Ctrl-C) |
| {int(ENDED)} | ended by SIGTERM, after ending what it had started |
"""


def page() -> str:
    """The whole page, as Markdown."""
    commands = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
    return "\n".join([HEAD, *(section(name, command) for name, command in commands.items())])


def schema_text() -> str:
    """The shapes of all commands' documents, as JSON Schema."""
    return json.dumps(documents.page(), indent=1) + "\n"


def section(name: str, command: Any) -> str:
    """One command: what it does, how it is called, what each word of it means."""
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    words = " ".join(_argument(one) for one in arguments)
    rows = [f"| `{_option(one)}` | {_meaning(one)} | {_default(one)} |" for one in command.params]
    table = ["| argument or option | means | default |", "|---|---|---|", *rows] if rows else []
    usage = " ".join(filter(None, ("retrain", name, words, "[OPTIONS]" if len(rows) > len(arguments) else "")))
    return "\n".join([f"## {name}", "", " ".join(command.help.split()), "", f"    {usage}", "", *table, ""])


def _argument(argument: Any) -> str:
    name = str(argument.name).upper() + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _option(parameter: Any) -> str:
    """As it is typed: an argument's name, or an option with what follows it."""
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return names if parameter.is_bool_flag else f"{names} {parameter.metavar or _kind(parameter)}"


def _kind(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    return {int: "NUMBER", float: "NUMBER", Path: "PATH"}.get(kind, "TEXT")


def _meaning(parameter: Any) -> str:
    text = str(parameter.help).replace("|", "\\|")
    bounds = " ".join(_bounds(parameter))
    return f"{text.rstrip('.')} ({bounds})." if bounds else text


def _bounds(parameter: Any) -> Iterator[str]:
    if parameter.min is not None:
        yield f"from {parameter.min:g}"
    if parameter.max is not None:
        yield f"to {parameter.max:g}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    if parameter.default in (None, False, "", ()) or callable(parameter.default):
        return ""
    return "yes" if parameter.default is True else f"`{parameter.default}`"


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
    SCHEMA_PATH.write_text(schema_text(), encoding="utf-8")
