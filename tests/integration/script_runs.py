"""Scripts on a folder, each in a fork of one process that has imported what images bring, as the local cloud runs jobs.

In a Python of its own a script spends most of its time on importing pandas, XGBoost and scikit-learn.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from localcloud.containers.launcher import Launcher
from localcloud.containers.sandbox import View
from localcloud.containers.tasks import Task
from pipelines.model import model_file

DEADLINE_S = 600.0


@cache
def launcher() -> Launcher:
    """The process to fork from; it sees the folders of this machine."""
    return Launcher(View.NONE)


def run(script: str, base: Path, *arguments: object, **variables: str) -> str:
    """Run one of processing_scripts/ with ``base`` as its /opt/ml, and ``variables``; what it said."""
    command = ("python3", str(model_file.SCRIPTS / script), *map(str, arguments))
    running = launcher().start(Task(base, {"OMP_NUM_THREADS": "1", **variables}, command))
    said = "".join(f"{line}\n" for lines in running.chunks() for line in lines)
    assert running.wait(DEADLINE_S) == 0, said
    return said


def close() -> None:
    """End the process, if there is one."""
    if launcher.cache_info().currsize:
        launcher().close()
        launcher.cache_clear()
