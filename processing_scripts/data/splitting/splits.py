"""Split rows into train, validation and test by a stable hash, so that a row never changes sides.

Knows texts and fractions; must not know files. The same text, salt and fractions give the same share in every run, in
every shard and in any order.
"""

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

SHARES = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(3)


def row_keys(texts: Iterable[str], salt: str) -> NDArray[np.uint64]:
    """Hash each text to 64 bits, ``(rows,) uint64``: the first eight bytes of SHA-256 over salt and text."""
    prefix = salt.encode("utf-8") + b"\x00"
    sha256 = hashlib.sha256
    digests = b"".join([sha256(prefix + text.encode("utf-8")).digest()[:8] for text in texts])
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def shares(keys: NDArray[np.uint64], split: Mapping[str, float]) -> NDArray[np.int8]:
    """Assign each key to train (0), validation (1) or test (2) by the fractions of ``split``; they sum to 1."""
    position = (keys >> np.uint64(11)).astype(np.float64) / 2.0**53  # exact, in [0, 1)
    edges = np.array([split["train"], split["train"] + split["validation"]])
    return np.searchsorted(edges, position, side="right").astype(np.int8)


def newest(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Mark the last row of each key; rows stand oldest upload first. ``(rows,) bool``."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    last_of_run = np.append(ordered[1:] != ordered[:-1], True) if len(keys) else np.zeros(0, bool)
    keep = np.zeros(len(keys), dtype=bool)
    keep[order[last_of_run]] = True
    return keep


def contradiction(
    keys: NDArray[np.uint64], files: NDArray[np.int32], answers: NDArray[np.float64]
) -> tuple[int, int] | None:
    """Find two rows of one file with one key and different targets, as row numbers, or None."""
    order = np.argsort(keys, kind="stable")
    same = (keys[order][1:] == keys[order][:-1]) & (files[order][1:] == files[order][:-1])
    clash = np.flatnonzero(same & (answers[order][1:] != answers[order][:-1]))
    if not len(clash):
        return None
    first = min(clash, key=lambda at: order[at])
    return int(order[first]), int(order[first + 1])
