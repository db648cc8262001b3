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
    texts = (raw.strip() for part in parts for raw in part.table.columns[settings.by].distinct)
    dates = any(day(text, settings.by_format) for text in texts)
    cut = {"by": settings.by}
    for name, share in zip(splits.SHARES, range(len(splits.SHARES)), strict=True):
        if (own := moments[shares == share]).size:
            cut[f"{name}_from"] = time_cut.text(float(own.min()), dates=dates)
            cut["newest"] = time_cut.text(float(own.max()), dates=dates)
    return {"split": split, "cut": cut}


class Learnt(NamedTuple):
    """Keys of the rows that a model was fitted and chosen on: all of those up to ``bound``, inclusive."""

    key: tuple[str, ...]  # what tells rows apart: a word, and its columns
    bound: int
    keys: Keys  # in ascending order

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        packed = base64.b64encode(self.keys.astype("<u8").tobytes()).decode("ascii")
        return {"format": FORMAT, "key": list(self.key), "bound": str(self.bound), "keys": packed}


def learnt(parts: Sequence[Part], settings: Settings) -> Learnt:
    """Collect the keys of all rows that are not held out."""
    kept = [np.unique(part.identity[part.keep & (part.share != splits.TEST)])[: KEPT + 1] for part in parts]
    lowest = np.unique(np.concatenate(kept))
    if len(lowest) <= KEPT:
        return Learnt(tuple(settings.key), 2**64 - 1, lowest)
    return Learnt(tuple(settings.key), int(lowest[KEPT - 1]), lowest[:KEPT])


def learnt_from(document: Mapping[str, Any]) -> Learnt | None:
    """Read what ``Learnt.document`` writes; None of another format."""
    if document.get("format") != FORMAT:
        return None
    keys = np.frombuffer(base64.b64decode(document["keys"]), "<u8").astype(np.uint64)
    return Learnt(tuple(document["key"]), int(document["bound"]), keys)
