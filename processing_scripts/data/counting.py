"""Which rows count, and how many do not and why: none of them vanishes without a word."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.column_rules import Settings
from data.splitting import splits

Keys = NDArray[np.uint64]


class Why(IntEnum):
    """Why a row does not count; 0 is one that does."""

    COUNTS, WITHOUT_TARGET, WITHOUT_MOMENT, REPEATED_ID, SUPERSEDED = range(5)


def of_ids(keys: Keys, files: NDArray[np.int32]) -> NDArray[np.int8]:
    """Find the rows of which a later one has the same key, oldest upload first: in the same file, or a newer one."""
    why = np.where(splits.newest(keys), Why.COUNTS, Why.SUPERSEDED).astype(np.int8)
    order = np.argsort(keys, kind="stable")
    same = (keys[order][1:] == keys[order][:-1]) & (files[order][1:] == files[order][:-1])
    why[order[:-1][same]] = Why.REPEATED_ID
    return why


def by_reason(why: Iterable[NDArray[np.int8]]) -> dict[str, int]:
    """Count the rows of each reason that there is."""
    counts = sum((np.bincount(part, minlength=len(Why)) for part in why), np.zeros(len(Why), np.int64))
    return {reason.name.lower(): int(counts[reason]) for reason in Why if reason and counts[reason]}


def sentences(counts: Mapping[str, int], rows: int, settings: Settings) -> dict[str, str]:
    """Word each reason: how many of ``rows``, why, and what to do where that is in question."""
    because = {
        Why.WITHOUT_TARGET: f"they have no {settings.target!r}",
        Why.WITHOUT_MOMENT: f"their {settings.by!r}, by which the split goes, is neither a date (2026-06-30) nor a "
        "number",
        Why.SUPERSEDED: f"a newer upload has a row with the same {settings.id!r}",
        Why.REPEATED_ID: f"a later row of the same file has the same {settings.id!r}; if each row is a case, write "
        f"group: [{settings.id}] in place of id: {settings.id} in the model file",
    }  # fmt: skip
    return {
        reason: f"{count:,} of {rows:,} rows do not count: {because[Why[reason.upper()]]}"
        for reason, count in counts.items()
    }


def warn(profile: Mapping[str, Any]) -> None:
    """Print in the job's log what a profile says of rows that do not count."""
    for line in profile.get("not_counted", {}).values():
        print(f"warning: {line['told']}")
