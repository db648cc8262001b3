"""A process that waits for a signal hears it, whichever of its threads the system gives it to."""

import subprocess
import sys

PROGRAM = """
import signal, threading
from localcloud.background import hear

heard = hear(signal.SIGTERM, signal.SIGINT)
threading.Thread(target=lambda: signal.pthread_kill(threading.get_ident(), signal.{name})).start()
heard.recv(1)
print("heard")
"""


def told(name: str) -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(name=name)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_signal_that_another_thread_is_given_wakes_who_waits() -> None:
    assert [told("SIGTERM"), told("SIGINT")] == ["heard", "heard"]
