"""One file per command. A file registers what it adds: ``main.py`` knows no list of commands, and a file more is a
command more.

Commands parse options, call a room beside them, and print; imports that cost time (boto3, the SDKs' data) stand inside
the functions, as ``--help`` loads every file of this folder. Two words for one act share a file: ``up`` and ``down``
are the two ends of one process, ``approve`` and ``reject`` the two answers to one question, with the same options.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Command:
    """One word of the command line."""

    name: str
    function: Function
    after: str  # the command that it follows in `--help`; "" for the first


class OutOfOrder(ValueError):
    """A command has the name of another, or follows one that is not there."""


_registered: dict[str, Command] = {}


def command(*, after: str) -> Callable[[Function], Function]:
    """Register a function as the command of its name, which follows ``after`` in the story that `--help` tells."""

    def register(function: Function) -> Function:
        name = function.__name__
        if name in _registered:
            raise OutOfOrder(f"there are two commands '{name}'")
        _registered[name] = Command(name, function, after)
        return function

    return register


def load() -> list[Command]:
    """Every command of this folder, in the story's order."""
    for found in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(found.name)
    return story(list(_registered.values()))


def story(commands: Sequence[Command]) -> list[Command]:
    """``commands``, each behind the one that it follows; of two that follow the same, the first registered comes first.

    Raises:
        OutOfOrder: a command follows one that is not there.
    """

    def told(after: str) -> Iterator[Command]:
        for one in commands:
            if one.after == after:
                yield one
                yield from told(one.name)

    ordered = list(told(""))
    if lost := [one for one in commands if one not in ordered]:
        raise OutOfOrder(f"command '{lost[0].name}' follows '{lost[0].after}', which no command comes to")
    return ordered
