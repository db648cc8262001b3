"""Which held-out rows a champion has not learnt from, as far as what both runs kept can say. Pure.

A version that is scored on rows that it has learnt from looks better than it is. Where its rows were split as today's
are, it knows none of them; else the keys of what it learnt from are looked through, and where those say nothing about
today's rows, neither is a comparison said to mean anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from data.splitting import time_cut
from data.splitting.sides import Learnt
from numpy.typing import NDArray

ROUNDING = 1e-9  # of a sum of fractions


@dataclass(frozen=True)
class Unlearnt:
    """The held-out rows that a champion surely has not learnt from, ``(rows,)``, and why they are not all."""

    which: NDArray[np.bool_]
    reason: str = ""


def unlearnt(
    rows: int, identities: NDArray[np.uint64] | None, before: Mapping[str, Any], now: Mapping[str, Any],
    learnt: Learnt | None,
) -> Unlearnt:  # fmt: skip
    """Find them, of ``rows`` with ``identities``; ``before`` and ``now`` are the profiles of either run's data."""
    old, new = before.get("split"), now.get("split")
    if not old or not new or _same_sides(before, now):
        return Unlearnt(np.ones(rows, bool))
    if learnt is None or identities is None or list(learnt.key) != new.get("key"):
        why = f"its rows were split by {_rule(old)}, today's by {_rule(new)}"
        return Unlearnt(np.zeros(rows, bool), f"it may have learnt from these held-out rows: {why}")
    looked_up = identities <= np.uint64(learnt.bound)
    known = looked_up & np.isin(identities, learnt.keys)
    which = looked_up & ~known
    if which.all():
        return Unlearnt(which)
    of = f"{rows:,} held-out rows" if looked_up.all() else f"a sample of {int(looked_up.sum()):,} held-out rows"
    return Unlearnt(which, f"it has learnt from {int(known.sum()):,} of {of}")


def _same_sides(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Say whether no row can have gone from a side that is learnt from to the held-out one."""
    old, new = before["split"], now["split"]
    if (old.get("by"), _key(old, new)) != (new.get("by"), new.get("key")):
        return False
    if new.get("by"):  # rows of an id or a group may have older ones that were learnt from
        cuts = [time_cut.moment(profile.get("cut", {}).get("test_from", "")) for profile in (before, now)]
        return bool(new["key"] in (["row"], ["features"]) and cuts[0] <= cuts[1])
    held_out = [split["train"] + split["validation"] for split in (old, new)]
    return bool(old.get("salt") == new.get("salt") and held_out[0] <= held_out[1] + ROUNDING)


def _key(split: Mapping[str, Any], now: Mapping[str, Any]) -> Any:
    """Name what told rows apart; a release that did not say split by the id where there was one, as is done today."""
    key = now.get("key") or ["row"]
    return split.get("key", key if key[0] == "id" else None)


def _rule(split: Mapping[str, Any]) -> str:
    """Word a rule for people."""
    word, *columns = split.get("key") or ["an earlier release's key"]
    names = ", ".join(columns)
    by = f"the time in {split['by']}, and " if split.get("by") else ""
    what = {
        "row": "whole rows",
        "features": "rows but for their answer",
        "id": f"the id {names}",
        "group": f"the group {names}",
    }.get(word, word)
    return f"{by}{what} ({split['train']:g}, {split['validation']:g}, {split['test']:g}; salt {split.get('salt')!r})"
