"""``make bench``: upload-to-prediction on this machine, beside a plain script that does the same computation.

The clock of the loop starts at PutObject and stops when the endpoint has answered; it includes the quiet period, the
approval (given by the API as soon as it is asked for), and every process that is started. All figures of one run come
from one machine in one run; compare the ratios, not the seconds.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks import burst, cold_start, latency, models, pages, prices, quality, quality_tables, scale, start
from benchmarks.aims import Aim, Part, missed
from benchmarks.fresh_cloud import MODEL, deployed, fresh_cloud
from benchmarks.processes import PeakMemory, cost, memory_mb
from benchmarks.watching import evidently_defaults, false_alarms
from cli.demo import loop as demo
from cli.demo_data import generate
from cli.stack.rows import held_out
from cli.stack.rows.batch_scoring import score
from cli.stack.target import HOME, Target
from localcloud.front.state_folder import make
from localcloud.lambdas.pool import IDLE_S
from pipelines.model import model_file

RESULTS = Path("benchmarks/results.md")
DEADLINE_S = 600.0
PLAIN_RUNS = 4  # the best counts: the first reads the file from disk, and a busy machine hits spinning threads hardest
PARTS = ["start", "loop", "burst", "models", "pages", "prices", "quality", "quality-tables", "champion-gate",
         "cold-start", "scale", "watching"]  # fmt: skip
MANY_ROWS, MORE_ROWS = 100_000, 1_000
MOST_WARM, MOST_COLD, MOST_HELD_MB, LEAST_BATCH = 1.5, 2.0, 450.0, 40_000
WINDOWS = 1_000
WATCHING = f"""## Watching: false alarms and power

{WINDOWS:,} drawn windows a line, of 20 columns, half of them of a level of 5 % and half of tenths, held by the
app's own code against 20,000 rows that were learnt from. Told is a window with a column that drifted; a run begins with
two of the last five windows, and answers them, so that at most every second window can begin one. docs/cost.md has what
watching costs.
"""
BESIDE = f"""### Beside Evidently's defaults

The same windows, {WINDOWS:,} a line, held by the app's own code and by what Evidently documents as its defaults
(`benchmarks/watching/evidently_defaults.py`: ours, from the documentation). By more than 1,000 rows of reference it
takes distances from 0.1 on, by fewer tests at 0.05 for each column; "half of the columns" is when it calls a data set
drifted. A number of a tenth is the tenth's mean in a normal distribution.
"""
REST_S = IDLE_S + 5  # until what a run has started has ended


def loop(target: Target, data: Path) -> float:
    """Seconds from PutObject to the endpoint's answers for one file."""
    began = time.perf_counter()
    answers = held_out.answers(target, MODEL, deployed(target, data, DEADLINE_S), data.parent, DEADLINE_S)
    assert not answers["differences"], answers["differences"]
    return time.perf_counter() - began


def plain(data: Path) -> tuple[float, dict[str, float]]:
    """Seconds of the plain script, its process start included, and what it printed."""
    took = cost(sys.executable, "-m", "benchmarks.plain.loop", str(data))
    return took.seconds, json.loads(took.said)


def batch(target: Target, data: Path) -> float:
    """Seconds from putting a file into scoring/ to having its answers, joined to its rows."""
    began = time.perf_counter()
    scored = score(target, MODEL, data, data.with_suffix(".scored.csv"), DEADLINE_S)
    assert scored.status == "Scored", scored.reason
    return time.perf_counter() - began


def record() -> bytes:
    """One raw record as the endpoint takes it: without id and answer."""
    return ",".join(generate(MODEL, 1, 3).splitlines()[1].split(",")[1:-1]).encode() + b"\n"


def added(path: Path) -> Path:
    """A file of ``MORE_ROWS`` rows that nobody has sent yet."""
    path.write_text(generate(MODEL, MORE_ROWS, 3))
    return path


def aims(one: dict[str, Any]) -> Iterator[Aim]:
    """What is held of one size; quiet time is nobody's work."""
    rows, script_s = f"{one['rows']:,} rows", one["plain_s"]
    yield Aim(f"the loop of {rows}, warm, beside the plain script", one["warm_s"] - demo.QUIET_S, script_s, MOST_WARM)
    yield Aim(f"the loop of {rows}, cold, beside the plain script", one["cold_s"] - demo.QUIET_S, script_s, MOST_COLD)
    if one["rows"] >= MANY_ROWS:
        more = f"{MORE_ROWS:,} rows more, beside the plain script of {rows}"
        yield Aim(more, one["more_s"] - demo.QUIET_S, script_s, 1.0)
        yield Aim(f"memory after two runs, of {MOST_HELD_MB:.0f} MB", one["held_mb"], MOST_HELD_MB)
        yield Aim(f"batch: {LEAST_BATCH:,} rows a second", LEAST_BATCH, one["rows"] / one["batch_s"])


def measure(rows: int) -> dict[str, Any]:
    """All figures for one size: the loop cold (its first run) and warm (its second), and the plain script."""
    make(folder := HOME / "bench")
    files = []
    for seed in (1, 2):
        files.append(folder / f"{rows}-{seed}.csv")
        files[-1].write_text(generate(MODEL, rows, seed))
    plain_s, printed = min((plain(files[0]) for _ in range(PLAIN_RUNS)), key=itemgetter(0))
    with fresh_cloud() as (target, pid):
        memory = PeakMemory(pid)
        memory.start()
        cold_s = loop(target, files[0])
        peak_cold_mb = memory.peak_mb
        files[1].replace(files[0])  # the same key again: the second run sees as many rows as the first
        warm_s = loop(target, files[0])
        memory.ended.set()
        memory.join()
        time.sleep(REST_S)
        held_mb = memory_mb(pid)
        more_s = loop(target, added(folder / "added.csv"))
        batch_s = batch(target, files[0])
        answers = latency.part(target, MODEL, record())
    return {
        "rows": rows,
        "plain_s": plain_s,
        "cold_s": cold_s,
        "warm_s": warm_s,
        "batch_s": batch_s,
        "plain_mb": printed["peak_mb"],
        "peak_cold_mb": peak_cold_mb,
        "peak_mb": memory.peak_mb,
        "held_mb": held_mb,
        "more_s": more_s,
        "answers": answers,
    }


def table(found: list[dict[str, Any]]) -> str:
    """The figures as a Markdown page."""
    head = f"""# Upload to prediction, beside a plain script

`make bench` wrote this page: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}.
The clock starts at PutObject and stops when the endpoint has answered; it includes {demo.QUIET_S} s of quiet time,
the approval by API, and every process start. Cold is the first run of a fresh local cloud, warm its second, which
reads the first upload too: twice the rows, of which the newest of each id count.
The plain script is benchmarks/plain/loop.py: one process, read to predict, its start included, the best of
{PLAIN_RUNS}; its peak memory stands beside that of the whole local cloud, all its processes together.
Batch is a file of as many rows, from putting it into scoring/ to having its answers joined to it: the check of the
file, the transform job of the version that serves, and the join.

| rows | plain script | cold | warm | cold / plain | warm / plain | its memory | whole cloud's | batch | rows a second |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""
    lines = [
        f"| {one['rows']:,} | {one['plain_s']:.1f} s | {one['cold_s']:.1f} s | {one['warm_s']:.1f} s"
        f" | {one['cold_s'] / one['plain_s']:.1f} | {one['warm_s'] / one['plain_s']:.1f}"
        f" | {one['plain_mb']:.0f} MB | {one['peak_mb']:.0f} MB"
        f" | {one['batch_s']:.1f} s | {one['rows'] / one['batch_s']:,.0f} |\n"
        for one in found
    ]
    return head + "".join(lines)


def loop_part(rows: list[int]) -> Part:
    """Upload to prediction for each size, and how the last one's endpoint answers."""
    busy = os.getloadavg()[0]
    found = [measure(count) for count in rows]
    answers: Part = found[-1]["answers"]
    load = f"The machine's load average was {busy:.1f} before and {os.getloadavg()[0]:.1f} after."
    held = tuple(aim for one in found for aim in aims(one))
    return Part(f"{table(found)}\n{load}\n\n{answers.page}", (*held, *answers.aims))


def gate_part() -> Part:
    """The simulation of the champion's gate, in a process of its own that sees the jobs' modules as they do."""
    modules = os.pathsep.join([str(model_file.SCRIPTS), str(model_file.ROOT)])
    return Part(cost(sys.executable, "-m", "benchmarks.watching.champion_gate", PYTHONPATH=modules).said)


def watching_part() -> Part:
    """How often what watches cries wolf, and how often it sees one; seeded, so the same each time."""
    own, beside = (chr(10).join(one.table(WINDOWS)) for one in (false_alarms, evidently_defaults))
    return Part(f"{WATCHING}\n{own}\n\n{BESIDE}\n{beside}\n")


def main() -> int:
    """Measure what is asked for, part by part, and print each; all parts together are benchmarks/results.md. 1 when an
    aim is missed.
    """
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="these parts, printed and not kept")
    arguments.add_argument("--uploads", type=int, default=burst.UPLOADS, help="of a burst")
    arguments.add_argument("--models", type=int, default=models.MODELS, help="that get an upload at once")
    arguments.add_argument("--rows", type=int, nargs="+", default=[10_000, MANY_ROWS], help="of the loop")
    arguments.add_argument("--real", type=Path, default=Path("../shared/data"), help="folder of the real files")
    arguments.add_argument("--scale", type=int, nargs="+", default=[1_000_000, 5_000_000], help="rows, at scale")
    asked = arguments.parse_args()
    measures: dict[str, Callable[[], Part]] = {
        "start": start.part,
        "loop": lambda: loop_part(asked.rows),
        "burst": lambda: burst.part(asked.uploads),
        "models": lambda: models.part(asked.models),
        "pages": pages.part,
        "prices": prices.part,
        "quality": lambda: Part(quality.section(asked.real, RESULTS.read_text())),
        "quality-tables": lambda: quality_tables.part(asked.real),
        "champion-gate": gate_part,
        "cold-start": cold_start.part,
        "scale": lambda: scale.part(asked.scale),
        "watching": watching_part,
    }
    parts = []
    for name in asked.only:
        parts.append(measures[name]())
        print(parts[-1].whole(), flush=True)
    if asked.only == PARTS:
        RESULTS.write_text("\n".join(part.whole() for part in parts))
    for aim in missed(parts):
        print(f"missed: {aim.name}: {aim.ratio:.2f}, at most {aim.most:.2f}", file=sys.stderr)
    return int(bool(missed(parts)))


if __name__ == "__main__":
    sys.exit(main())
