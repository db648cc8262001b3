"""Which version of a model its endpoint answered with, and when: what the runs' timelines are sure of. Pure.

A version answers from when it was verified until the endpoint changes next. From then until a version is verified
again nobody knows which one a request met: an update moves the traffic in between, or goes back.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from app.decide.names.times import from_iso
from app.decide.records import RunRecord

VERIFIED = "verified"  # the timeline's entry from which on a version serves
CHANGES = ("endpoint creating", "endpoint updating", "endpoint deleting")  # as a deployment writes them there


class Span(NamedTuple):
    """From when a version surely answered; None: nobody knows which one did. It ends where the next begins."""

    start: datetime
    version: int | None


def serving_spans(runs: Iterable[RunRecord]) -> list[Span]:
    """The spans of a model's endpoint, oldest first."""
    found = [
        Span(from_iso(entry["at"]), run.version if entry["what"] == VERIFIED else None)
        for run in runs
        for entry in run.timeline
        if entry["what"] in (VERIFIED, *CHANGES)
    ]
    return sorted(found, key=lambda span: span.start)


def version_at(spans: Sequence[Span], at: datetime) -> int | None:
    """The version that answered then; None where nobody knows."""
    place = bisect_right(spans, at, key=lambda span: span.start)
    return spans[place - 1].version if place else None
