"""A thousand uploads at once: until each is recorded, and one run has them all; on a busy machine too."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from app.decide.names.times import from_iso
from app.ledger import Ledger, RunRecord

from benchmarks.aims import Aim, Part
from benchmarks.fresh_cloud import MODEL, fresh_cloud
from cli.demo_data import generate
from cli.show.follow import snapshots
from cli.stack.rows.uploading import Uploaded
from cli.stack.target import LOCAL_POLL_S, Target

UPLOADS, SENDERS, ROWS = 1_000, 8, 20
MOST_S, DEADLINE_S = 30.0, 600.0
BEGUN = "batch closed"  # what a run's timeline says when it begins
NOTHING_ELSE = [sys.executable, "-c", "while True: pass"]


class Burst(NamedTuple):
    """What came of the uploads of one burst."""

    sent: int
    put_s: float
    recorded_s: float
    begun_s: float  # until the first run began that has some of them
    runs: int
    lost: int
    invocations: int


def send(target: Target, bucket: str, number: int) -> Uploaded:
    """Put one small file of its own."""
    key, body = f"incoming/{MODEL}/burst-{number:04}.csv", generate(MODEL, ROWS, number).encode()
    answer = target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return Uploaded(key, answer["VersionId"], len(body))


def _heard(ledger: Ledger, bucket: str, sent: Uploaded, deadline: float) -> Uploaded | None:
    """What became of it: the ledger alone is asked, as asking for the stack's outputs costs as much as recording."""
    while time.monotonic() < deadline:
        found = ledger.recorded_outcome(bucket, sent.key, sent.version_id)
        if found is not None:
            return replace(sent, run=found.get("run"), refused=found.get("refused"))
        time.sleep(LOCAL_POLL_S)
    return None


def _begun(target: Target, run: str) -> RunRecord:
    """The run, once it has begun."""
    for now in snapshots(target, run, deadline_s=DEADLINE_S):
        if _begun_at(now.run) is not None:
            return now.run
    raise AssertionError(f"{run} ended before it began")


def _begun_at(run: RunRecord) -> float | None:
    return next((from_iso(entry["at"]).timestamp() for entry in run.timeline if entry["what"] == BEGUN), None)


def invocations(target: Target) -> int:
    """How often the stack's functions were invoked, by their own logs."""
    functions = target.client("lambda").get_paginator("list_functions").paginate()
    groups = [one["LoggingConfig"]["LogGroup"] for page in functions for one in page["Functions"]]
    logs = target.client("logs").get_paginator("filter_log_events")
    events = (event for group in groups for page in logs.paginate(logGroupName=group) for event in page["events"])
    return sum(event["message"].startswith("START ") for event in events)


def burst(target: Target, uploads: int) -> Burst:
    """Send so many from ``SENDERS`` threads, and wait for the word on every one, and for the run."""
    bucket, before = target.outputs()["DataBucketName"], invocations(target)
    with ThreadPoolExecutor(SENDERS) as senders:
        began, began_at = time.monotonic(), time.time()
        sent = list(senders.map(lambda number: send(target, bucket, number), range(uploads)))
        put_s = time.monotonic() - began
        ledger = target.ledger()
        found = [_heard(ledger, bucket, one, began + DEADLINE_S) for one in sent]
        recorded_s = time.monotonic() - began
    runs = sorted({one.run for one in found if one and one.run})
    held = [file.key for run in runs for file in target.ledger().files_of_run(run, append=False)]
    lost = uploads - len(set(held) & {one.key for one in sent})
    begun_at = min(_begun_at(_begun(target, run)) or 0.0 for run in runs)
    return Burst(uploads, put_s, recorded_s, begun_at - began_at, len(runs), lost, invocations(target) - before)


@contextmanager
def busy_machine() -> Iterator[None]:
    """Within, as many processes as there are processors do nothing but count on each."""
    others = [subprocess.Popen(NOTHING_ELSE) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def part(uploads: int) -> Part:
    """A burst on the machine as it is, and one beside processes that use all of it."""
    load = os.getloadavg()[0]
    with fresh_cloud() as (target, _):
        idle = burst(target, uploads)
    with busy_machine(), fresh_cloud() as (target, _):
        busy = burst(target, uploads)
    lines = "".join(_line(name, one) for name, one in (("as it is", idle), ("beside busy processes", busy)))
    page = f"""## A burst

{uploads:,} uploads of {ROWS} rows, from {SENDERS} threads. The run begins when its batch closes. Invocations are those
of all functions until then. The machine's load average was {load:.1f} before and {os.getloadavg()[0]:.1f} after.

| machine | put after | recorded after | a second | the run began after | invocations | runs | lost |
|---|---:|---:|---:|---:|---:|---:|---:|
{lines}"""
    aims = [Aim(f"{uploads:,} uploads recorded, of {MOST_S:.0f} s", idle.recorded_s, MOST_S)]
    for name, one in (("one burst", idle), ("one on a busy machine", busy)):
        aims += [Aim(f"runs of {name}", one.runs, 1), Aim(f"uploads lost of {name}, and one", 1 + one.lost, 1)]
    return Part(page, tuple(aims))


def _line(name: str, one: Burst) -> str:
    return (
        f"| {name} | {one.put_s:.1f} s | {one.recorded_s:.1f} s | {one.sent / one.recorded_s:.0f}"
        f" | {one.begun_s:.1f} s | {one.invocations:,} | {one.runs} | {one.lost} |\n"
    )
