"""``python -m cli.bytecode``: import what the commands and a local cloud load, so that their bytecode lies there.

All that is installed for them would be 280 MB of bytecode, half a minute of a processor: most of it is their own tests
and what nobody here imports.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import cli
import localcloud
from localcloud.containers.warm import LIBRARIES
from localcloud.lambdas.packages.code import RUNTIME_MODULES


def names() -> Iterator[str]:
    """Every module of the commands and of the local cloud, and what functions and jobs find imported."""
    for package in (cli, localcloud):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                yield module.name
    yield "samtranslator.translator.transform"  # by the first template
    yield from LIBRARIES
    yield from RUNTIME_MODULES


if __name__ == "__main__":
    for name in names():
        import_module(name)
