"""Waiting for a condition, with a deadline."""

import threading
import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], deadline_s: float, what: str) -> None:
    """Return once ``holds``; fail with ``what`` was waited for when it does not within ``deadline_s``."""
    ends, pause = time.monotonic() + deadline_s, threading.Event()
    while not holds():
        assert time.monotonic() < ends, f"not seen within {deadline_s} s: {what}"
        pause.wait(0.1)
