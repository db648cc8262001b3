"""Waiting for a condition, with a deadline: as a quiet machine needs, so many times longer on a busy one and on AWS."""

import threading
import time
from collections.abc import Callable

AWS_PATIENCE = 60  # a job of a second takes a minute or more to start on AWS
BUSY_PATIENCE = 4.0  # other tests run beside these
patience = [BUSY_PATIENCE]  # of this session


def eventually(holds: Callable[[], bool], deadline_s: float, what: str) -> None:
    """Return once ``holds``; fail with ``what`` was waited for when a quiet machine's ``deadline_s`` is long over."""
    deadline_s *= patience[0]
    ends, pause = time.monotonic() + deadline_s, threading.Event()
    while not holds():
        assert time.monotonic() < ends, f"not seen within {deadline_s} s: {what}"
        pause.wait(0.1)
