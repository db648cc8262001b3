"""Where commands speak: reports on standard output, all else on standard error."""

import json
from typing import Any

from rich.console import Console

from cli.stack.target import Target, find, find_gone

NO = 1  # exit code: asked and answered, and the answer is no

err = Console(stderr=True)
out = Console()


def say(report: Any, words: str, as_json: bool) -> None:
    """``report`` as JSON, or ``words``, on standard output."""
    if as_json:
        print(json.dumps(report, indent=1, default=str))
    else:
        out.print(words, markup=False, soft_wrap=True)


def target_of(stack: str, as_json: bool) -> Target:
    """Where to talk to, and a line that says so."""
    target = find(stack)
    if gone := find_gone(target):
        err.print(f"the local cloud of {gone} is gone; `retrain up` starts one", style="yellow", markup=False)
    if not as_json:
        err.print(f"talking to {target}", style="dim", markup=False)
    return target
