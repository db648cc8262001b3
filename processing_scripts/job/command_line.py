"""The command lines of the processing jobs' scripts: folders that default to the job's own, and parameters."""

import argparse
from pathlib import Path

from job import world


def parser(description: str | None, example: str) -> argparse.ArgumentParser:
    """Make a command line that explains itself as the script's docstring does, and knows the outputs' folder."""
    command_line = argparse.ArgumentParser(
        description=description, epilog=example, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command_line.add_argument(
        "--output", type=Path, default=world.processing_dir(), help="where the outputs' folders go"
    )
    return command_line


def add_folders(to: argparse.ArgumentParser, **meanings: str) -> None:
    """Add an option for each input's folder; its default is where the job finds it."""
    for name, meaning in meanings.items():
        folder = name.replace("_", "-")
        to.add_argument(f"--{folder}", type=Path, default=world.processing_dir(folder), help=meaning)


def add_pairs(to: argparse.ArgumentParser, option: str, name: str, into: str, meaning: str) -> None:
    """Add an option that may be given often, each time with a name and a value: a list of pairs."""
    to.add_argument(option, nargs=2, action="append", default=[], metavar=(name, "VALUE"), dest=into, help=meaning)
