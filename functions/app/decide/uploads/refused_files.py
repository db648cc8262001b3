"""Uploads that a run's own job refuses: read from what the job says, and taken out of the run. Pure.

A job's exit message ends in ``[refused: <id>, …]``, as processing_scripts/data/refused_files.py writes it; an id is how
the name of the upload's copy begins.
"""

import re
from collections.abc import Iterable
from typing import Any

from app.decide.names.bucket_keys import dataset_object

NAMED = re.compile(r" \[refused: ([0-9a-f]{16}(?:, [0-9a-f]{16})*)\]$")


def ids_in(message: str) -> tuple[str, ...]:
    """The ids that a job's message ends in; none of one that speaks of something else."""
    found = NAMED.search(message)
    return tuple(found[1].split(", ")) if found else ()


def without_ids(message: str) -> str:
    """The part of a job's message that is for people."""
    return NAMED.sub("", message)


def refused_among(files: Iterable[dict[str, Any]], ids: Iterable[str]) -> list[dict[str, Any]]:
    """Those of a model's accepted ``files`` that the job named and that were not taken out before."""
    named = set(ids)
    return [file for file in files if not file.get("withdrawn") and _id(file) in named]


def _id(file: dict[str, Any]) -> str:
    return dataset_object(file["key"], file["version_id"]).removeprefix("objects/")[:16]
