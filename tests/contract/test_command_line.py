"""What ``--help`` loads, and which room of the command may use which."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli import commands

CLI = Path(__file__).parents[2] / "cli"
ROOMS = ("commands", "demo", "shapes", "plans", "show", "stack")  # each may use those behind it
APART = ("guess", "demo_data")  # know the files on top alone; commands and the demo use them
TOP = ("changes", "completion", "debugging", "environment", "errors", "model_files", "options", "text_files")
TOP += ("typed_words",)
MOST_FILES = 16
LOADED = """
import json, sys
from cli.main import main
for words in [[], *([name] for name in sys.argv[1:])]:
    sys.argv = ["retrain", *words, "--help"]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0, words
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""
HEAVY = {"app", "boto3", "botocore", "localcloud", "moto", "numpy", "pandas", "samtranslator", "jsonschema", "yaml"}
HEAVY |= {"http", "markdown_it", "pydantic", "pygments"}


def test_help_loads_neither_boto3_nor_the_local_cloud() -> None:
    names = [command.name for command in commands.load()]
    done = subprocess.run([sys.executable, "-c", LOADED, *names], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert HEAVY & set(json.loads(done.stderr)) == set()
    assert done.stdout.count("Usage: retrain") == len(names) + 1


def rooms_used(path: Path) -> set[str]:
    """The rooms (or files on top) of the command that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "cli":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cli."):
            found.add(str(node.module).split(".")[1])
    return found


@pytest.mark.parametrize("room", [*ROOMS, *APART])
def test_a_room_uses_itself_and_the_rooms_behind_it(room: str) -> None:
    behind = (
        {*ROOMS[ROOMS.index(room) :], *(APART if room in ("commands", "demo", "shapes") else ())}
        if room in ROOMS
        else {room}
    )
    used = {path.name: rooms_used(path) - behind - set(TOP) for path in (CLI / room).rglob("*.py")}

    assert {name: rooms for name, rooms in used.items() if rooms} == {}


def test_every_room_is_known_and_has_room() -> None:
    folders = [path.parent for path in CLI.rglob("__init__.py")]

    assert {path.parent.name for path in CLI.glob("*/__init__.py")} == {*ROOMS, *APART}
    assert {folder.name: count for folder in folders if (count := len(list(folder.glob("*.py")))) > MOST_FILES} == {}
