"""Every option by an environment variable, too.

``RETRAIN_UPLOAD_WAIT=0`` is ``retrain upload --no-wait``. Options that mean the same everywhere have a variable for all
commands beside it, ``RETRAIN_STACK``; the command's own goes first, and the command line before both. Others have none:
Kubernetes sets ``RETRAIN_PORT`` for a service named retrain, and a consent (``--yes``, ``--erase``, ``--all``) is one
command's, never every command's.
Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
"""

from typing import Any

PREFIX = "RETRAIN"
EVERYWHERE = ("--stack", "--json", "--debug", "--prices")


def name_of(*words: str) -> str:
    """The variable of an option: of ``("upload", "--wait")``, or of ``("--stack",)`` for all commands."""
    return "_".join([PREFIX, *(word.lstrip("-").replace("-", "_").upper() for word in words)])


def names_of(command: str, option: str) -> list[str]:
    """The variables that set an option of a command, that which goes first first."""
    return [name_of(command, option), *([name_of(option)] if option in EVERYWHERE else [])]


def line(command: str) -> str:
    """What a command's help says of them."""
    return f"By environment, too: {name_of(command, '')}<OPTION>."


def take(group: Any) -> None:
    """Let every option of every command of ``group`` be set by its variables."""
    for name, command in group.commands.items():
        command.epilog = line(name)
        for parameter in command.params:
            if parameter.param_type_name == "option":
                parameter.envvar, parameter.show_envvar = names_of(name, parameter.opts[0]), False
