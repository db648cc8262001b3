"""On which side of a split rows are, kept for later runs: the rule, where it cut, and which rows were learnt from.

A later run whose held-out rows a champion may have learnt from finds that out from here: of up to ``KEPT`` learnt rows
all keys are kept, of more those below a bound, which are a fair sample as keys are hashes.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from features.derived import day

from data.column_rules import Settings
from data.parts import Part
from data.splitting import splits, time_cut
from data.splitting.row_keys import Keys

FORMAT = 1
KEPT = 8_192  # keys of learnt rows, 8 bytes each


def document(parts: Sequence[Part], settings: Settings) -> dict[str, Any]:
    """Describe the rule, and of a split by time where it cut: a part of profile.json."""
    split: dict[str, Any] = dict(settings.split) | {"key": settings.key}
    if not settings.by:
        return {"split": split}
    moments = np.concatenate([part.moments[part.keep] for part in parts if part.moments is not None])
    shares = np.concatenate([part.share[part.keep] for part in parts])
    dates = dated(parts, settings)
    cut = {"by": settings.by}
    for name, share in zip(splits.SHARES, range(len(splits.SHARES)), strict=True):
        if (own := moments[shares == share]).size:
            cut[f"{name}_from"] = time_cut.text(float(own.min()), dates=dates)
            cut["newest"] = time_cut.text(float(own.max()), dates=dates)
    return {"split": split, "cut": cut}


def dated(parts: Sequence[Part], settings: Settings) -> bool:
    """Say whether the column of time holds dates; else it holds numbers."""
    texts = (raw.strip() for part in parts for raw in part.table.columns[settings.by or ""].distinct)
    return any(day(text, settings.by_format) for text in texts)


class Learnt(NamedTuple):
    """Keys of the rows that a model was fitted and chosen on: all of those up to ``bound``, inclusive."""

    key: tuple[str, ...]  # what tells rows apart: a word, and its columns
    bound: int
    keys: Keys  # in ascending order
    held_out: Keys = np.zeros(0, np.uint64)  # of the rows that it was judged by: all of those up to ``bound``, too

    @property
    def seen(self) -> Keys:
        """Give the keys of all rows that it was fitted, chosen or judged on."""
        return np.concatenate([self.keys, self.held_out])

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        known = {"format": FORMAT, "key": list(self.key), "bound": str(self.bound), "keys": _packed(self.keys)}
        return known | {"held_out": _packed(self.held_out)}


def _packed(keys: Keys) -> str:
    return base64.b64encode(keys.astype("<u8").tobytes()).decode("ascii")


def _unpacked(text: str) -> Keys:
    return np.frombuffer(base64.b64decode(text), "<u8").astype(np.uint64)


def learnt(parts: Sequence[Part], settings: Settings) -> Learnt:
    """Collect the keys of all rows that are not held out, and beside them of those that are."""
    kept = [lowest_of(part.identity[part.keep & (part.share != splits.TEST)], KEPT + 1) for part in parts]
    lowest = np.unique(np.concatenate(kept))
    bound = 2**64 - 1 if len(lowest) <= KEPT else int(lowest[KEPT - 1])
    return Learnt(tuple(settings.key), bound, lowest[:KEPT], _held_out(parts, bound))


def _held_out(parts: Sequence[Part], bound: int) -> Keys:
    """Collect the keys of held-out rows up to ``bound``; where all learnt ones are kept, no more of them than those."""
    test = (part.identity[part.chosen(splits.TEST)] for part in parts)
    own = [lowest_of(keys[keys <= np.uint64(bound)], KEPT) for keys in test]
    return np.unique(np.concatenate(own))[:KEPT]


def lowest_of(keys: Keys, count: int) -> Keys:
    """Find the ``count`` lowest different keys, in ascending order, without sorting all of them."""
    looked_at = 2 * count
    while looked_at < len(keys):
        lowest = np.unique(np.partition(keys, looked_at)[:looked_at])
        if len(lowest) >= count:
            return lowest[:count]
        looked_at *= 4
    return np.unique(keys)[:count]


def learnt_from(document: Mapping[str, Any]) -> Learnt | None:
    """Read what ``Learnt.document`` writes; None of another format."""
    if document.get("format") != FORMAT:
        return None
    keys = [_unpacked(document.get(name, "")) for name in ("keys", "held_out")]
    return Learnt(tuple(document["key"]), int(document["bound"]), *keys)
