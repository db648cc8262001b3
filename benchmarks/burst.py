"""A thousand uploads at once: until each is recorded, and one run has them all."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.aims import Aim, Part
from benchmarks.fresh_cloud import MODEL, fresh_cloud
from cli.demo_data import generate
from cli.stack.rows.uploading import Uploaded, outcome
from cli.stack.target import Target

UPLOADS, SENDERS, ROWS = 1_000, 8, 20
MOST_S, DEADLINE_S = 30.0, 600.0


def send(target: Target, bucket: str, number: int) -> Uploaded:
    """Put one small file of its own."""
    key, body = f"incoming/{MODEL}/burst-{number:04}.csv", generate(MODEL, ROWS, number).encode()
    answer = target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return Uploaded(key, answer["VersionId"], len(body))


def part() -> Part:
    """Send them from ``SENDERS`` threads, and wait for the word on every one."""
    load = os.getloadavg()[0]
    with fresh_cloud() as (target, _), ThreadPoolExecutor(SENDERS) as senders:
        bucket = target.outputs()["DataBucketName"]
        began = time.perf_counter()
        sent = list(senders.map(lambda number: send(target, bucket, number), range(UPLOADS)))
        put_s = time.perf_counter() - began
        found = [outcome(target, MODEL, one, deadline_s=DEADLINE_S) for one in sent]
        took_s = time.perf_counter() - began
    runs = {one.run for one in found}
    page = f"""## A burst

{UPLOADS:,} uploads of {ROWS} rows, from {SENDERS} threads: put after {put_s:.1f} s, recorded after {took_s:.1f} s, in
{len(runs)} run. The machine's load average was {load:.1f} before and {os.getloadavg()[0]:.1f} after.
"""
    recorded = Aim(f"{UPLOADS:,} uploads recorded, of {MOST_S:.0f} s", took_s, MOST_S)
    return Part(page, (recorded, Aim("runs of one burst", len(runs), 1)))
