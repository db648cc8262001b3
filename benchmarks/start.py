"""How long a person waits: for ``retrain up`` from nothing and on kept state, for the demo, for a command's first word;
and what the cloud that is up holds while nobody asks.

The plain script of the same run is the measure of seconds, so that a slower machine is slower on both sides.
"""

import json
import os
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.aims import Aim, Part
from benchmarks.processes import Cost, cost, memory_mb
from cli.demo_data import generate
from cli.stack.local import server
from cli.stack.target import HOME, running
from localcloud.front.state_folder import make

RETRAIN = Path(sys.executable).with_name("retrain")
MODEL, ROWS = "churn", 10_000
REST_S = 5.0  # until what was started with the cloud has come to rest
TIMES = 5
IDLE_MB = 350.0
# On two quiet cores the plain script takes 1.1 s: 5 s from nothing, 3 s on kept state.
MOST_FROM_NOTHING, MOST_KEPT, MOST_DEMO, MOST_COMMAND = 4.5, 2.7, 2.0, 1.5
IMPORTS = {"--help": "import typer, rich.console", "status": "import typer, rich.console, boto3"}


def plain(rows: int = ROWS) -> Cost:
    """The plain script on ``rows`` rows, the best of three."""
    make(folder := HOME / "bench")
    data = folder / f"start-{rows}.csv"
    data.write_text(generate(MODEL, rows, 1))
    return min((cost(sys.executable, "-m", "benchmarks.plain.loop", str(data)) for _ in range(3)), key=_seconds)


def _seconds(one: Cost) -> float:
    return one.seconds


def _up(state: Path) -> Cost:
    return cost(RETRAIN, "up", "--detach", "--state", state, "--port", "0")  # kept state has its port


def _of_commands(state: Path) -> tuple[Aim, ...]:
    """``--help`` and ``status`` beside Python's own start with the imports that they need, in processor time."""
    about = running(state)
    assert about is not None
    found = []
    for word, imports in IMPORTS.items():
        ours = median(cost(RETRAIN, word, AWS_ENDPOINT_URL=about["url"]).processor_s for _ in range(TIMES))
        bare = median(cost(sys.executable, "-c", imports).processor_s for _ in range(TIMES))
        found.append(Aim(f"`retrain {word}` beside Python and its imports", ours, bare, MOST_COMMAND))
    return tuple(found)


def part() -> Part:
    """Measure all of it, on a state folder of its own."""
    load = os.getloadavg()[0]
    script = plain()
    state = server.fresh_folder(HOME / "bench" / "up")
    try:
        nothing = _up(state)
        about = running(state)
        assert about is not None
        time.sleep(REST_S)
        idle_mb = memory_mb(int(about["pid"]))
        commands = _of_commands(state)
        server.stop(state)
        kept = _up(state)
    finally:
        server.stop(state)
    demo = cost(RETRAIN, "demo", MODEL, "--json")
    loop_s = json.loads(demo.said)["seconds"]["upload_to_prediction"]
    aims = (
        Aim("`retrain up` from nothing, beside the plain script", nothing.seconds, script.seconds, MOST_FROM_NOTHING),
        Aim("`retrain up` on kept state, beside the plain script", kept.seconds, script.seconds, MOST_KEPT),
        Aim("the demo, beside its upload to prediction", demo.seconds, loop_s, MOST_DEMO),
        *commands,
        Aim(f"the idle cloud's memory, of {IDLE_MB:.0f} MB", idle_mb, IDLE_MB),
    )
    page = f"""## Start

The plain script of {ROWS:,} rows took {script.seconds:.1f} s; `retrain up` was ready after {nothing.seconds:.1f} s
from nothing and {kept.seconds:.1f} s on kept state; the demo took {demo.seconds:.1f} s, of which the loop
{loop_s:.1f} s. The idle cloud held {idle_mb:.0f} MB.
The machine's load average was {load:.1f} before and {os.getloadavg()[0]:.1f} after.
"""
    return Part(page, aims)
