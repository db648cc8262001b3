"""Fifty models at once: all runs go through, so many pipelines at a time, and who came first is served first."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from app.decide.names.times import from_iso
from app.ledger import RunRecord

from benchmarks.aims import Aim, Part
from benchmarks.fresh_cloud import MODEL, fresh_cloud
from cli.demo_data import generate
from cli.show.follow import snapshots
from cli.stack.publishing import publish
from cli.stack.rows.uploading import Uploaded, outcome
from cli.stack.target import Target
from pipelines.model import model_file
from pipelines.publishing import freshness

MODELS, AT_ONCE, ROWS = 50, 15, 400
DEADLINE_S = 1_800.0
WAITING = "waiting for a pipeline to end"
JUDGED = ("gate passed", "gate not passed")  # what a run's timeline says when its turn has ended


class Came(NamedTuple):
    """When a run's upload arrived, when it had to wait for a pipeline to end or could have begun its own, when that
    started, and when it had been judged.
    """

    arrived: datetime
    joined: datetime
    started: datetime
    judged: datetime


@contextmanager
def copies(count: int) -> Iterator[list[str]]:
    """Within, models/ and their compiled definitions are so many copies of ``MODEL``, which differ in their names."""
    names = [f"model-{number:02}" for number in range(count)]
    before = model_file.MODELS, freshness.COMPILED
    text, definition = model_file.path_of(MODEL).read_text(), freshness.definition_path(MODEL).read_text()
    schema = (model_file.MODELS / "model.schema.json").read_text()
    with TemporaryDirectory() as folder:
        model_file.MODELS = freshness.COMPILED = Path(folder)
        try:
            (Path(folder) / "model.schema.json").write_text(schema)
            for name in names:
                model_file.path_of(name).write_text(text.replace(f"name: {MODEL}", f"name: {name}", 1))
                compiled = json.loads(definition.replace(MODEL, name))
                compiled["Metadata"]["CompiledFrom"] = freshness.fingerprint(model_file.load(model_file.path_of(name)))
                freshness.definition_path(name).write_text(json.dumps(compiled))
            yield names
        finally:
            model_file.MODELS, freshness.COMPILED = before


def send(target: Target, bucket: str, model: str) -> Uploaded:
    """Put one file."""
    key, body = f"incoming/{model}/rows.csv", generate(MODEL, ROWS, 7).encode()
    return Uploaded(key, target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)["VersionId"], len(body))


def judged(target: Target, model: str, sent: Uploaded) -> RunRecord:
    """The run that takes a file, once it was judged."""
    run = outcome(target, model, sent, deadline_s=DEADLINE_S).run
    assert run
    for now in snapshots(target, run, deadline_s=DEADLINE_S):
        if any(entry["what"] in JUDGED for entry in now.run.timeline):
            return now.run
    raise AssertionError(f"{run} ended without a verdict")


def came(run: RunRecord) -> Came:
    """By its timeline."""

    def first(*whats: str) -> datetime:
        return from_iso(next(entry["at"] for entry in run.timeline if entry["what"] in whats))

    started = first("pipeline started")
    return Came(first("arrived"), first(WAITING, "pipeline started"), started, first(*JUDGED))


def most_at_once(runs: list[Came]) -> int:
    """How many pipelines ran at once at most: of each its start is looked at."""
    return max(sum(other.started <= one.started < other.judged for other in runs) for one in runs)


def most_overtaken(runs: list[Came], by: Callable[[Came], datetime]) -> int:
    """How many that came later, ``by`` that time, were started before one that came earlier, at most."""
    return max(sum(by(other) > by(one) and other.started < one.started for other in runs) for one in runs)


def part(count: int) -> Part:
    """One upload to each model, one after the other, and every run to its verdict."""
    at_once, load = min(AT_ONCE, max(1, count // 3)), os.getloadavg()[0]
    with fresh_cloud(MaxConcurrentPipelines=str(at_once)) as (target, _), copies(count) as names:
        for name in names:
            publish(target, name, {})
        bucket, began = target.outputs()["DataBucketName"], time.monotonic()
        sent = [send(target, bucket, name) for name in names]
        put_s = time.monotonic() - began
        runs = [came(judged(target, name, one)) for name, one in zip(names, sent, strict=True)]
        took_s = time.monotonic() - began
    overtaken, in_line = (most_overtaken(runs, by) for by in (attrgetter("arrived"), attrgetter("joined")))
    page = f"""## {count} models at once

One upload of {ROWS} rows to each of {count} models, {at_once} pipelines at once at most: put after {put_s:.1f} s, the
last run judged after {took_s:.1f} s. {most_at_once(runs)} pipelines ran at once. At most {overtaken}
whose upload arrived later were started before one, and {in_line} that came to wait for a pipeline later. The machine's
load average was {load:.1f} before.
"""
    return Part(page, (
        Aim("pipelines at once", most_at_once(runs), at_once),
        Aim("those that overtook one that waited, beside what runs at once", in_line, at_once),
    ))  # fmt: skip
