"""Keys of rows: which rows are one case, whatever columns a model file uses and however a number is written.

A row without an id is all that its file says of it: every column of the header counts, also those that no model reads,
a number by its value, a blank as if its column were absent. So a model file that takes a column more, and a file that
has a blank column more, change no key. The answer counts, too, unless the model file says ``row: features``: rows that
are alike but for the answer are then one case. Keys are 64 bits and the same in every run, shard and order.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.tables import Texts

Keys = NDArray[np.uint64]
EXACT = 2.0**53  # whole numbers from here on are no longer told apart by their value
SEPARATOR = "\x1f"  # between the columns of a group; cannot stand in a sane CSV


def of_texts(texts: NDArray[np.object_]) -> Keys:
    """Hash each text, ``(rows,)``.

    Source: https://pandas.pydata.org/docs/reference/api/pandas.util.hash_array.html
    """
    keys: Keys = pd.util.hash_array(texts, categorize=False)
    return keys


def of_rows(columns: Mapping[str, Texts], rows: int) -> Keys:
    """Hash whole rows, ``(rows,)``; the order of ``columns`` does not matter."""
    total = np.zeros(rows, np.uint64)
    for name, texts in columns.items():
        total += _of_cells(name, texts.distinct)[texts.codes]
    return mixed(total)


def _of_cells(name: str, distinct: NDArray[np.object_]) -> Keys:
    """Hash a column's distinct texts together with its name; 0 is a blank."""
    texts = np.array([text.strip() for text in distinct], dtype=object)
    numbers = _numbers(texts)
    known = np.isfinite(numbers)
    keys = np.zeros(len(texts), np.uint64)
    keys[known] = (numbers[known] + 0.0).view(np.uint64)  # + 0.0: there is one nought
    keys[~known] = of_texts(texts[~known])
    keys = mixed(keys ^ of_texts(np.array([name], dtype=object)))
    keys[texts == ""] = 0
    return keys


def _numbers(texts: NDArray[np.object_]) -> NDArray[np.float64]:
    """Read numbers, NaN where there is none."""
    try:
        return np.where(texts == "", "nan", texts).astype(np.float64)
    except ValueError:
        return np.array([_number(text) for text in texts], np.float64)


def _number(text: str) -> float:
    if not text or not (text[-1].isdigit() or text[-1] == "."):
        return np.nan
    try:
        return float(text)
    except ValueError:
        return np.nan


def mixed(keys: Keys) -> Keys:
    """Spread keys evenly over 64 bits.

    Source: Steele, Lea and Flood (2014), Fast Splittable Pseudorandom Number Generators (SplitMix64's finalizer),
    https://doi.org/10.1145/2660193.2660195
    """
    spread = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    spread = (spread ^ (spread >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return spread ^ (spread >> np.uint64(31))


def group_texts(columns: Sequence[Texts], missing: Sequence[frozenset[str]]) -> Texts:
    """Join the columns of a group to one text, a number by its value; blank where all of them are missing."""
    clean = [_one_writing(column, marks) for column, marks in zip(columns, missing, strict=True)]
    if len(clean) == 1:
        return clean[0]
    codes, pairs = clean[0].codes.astype(np.int64), clean[0].distinct
    for column in clean[1:]:
        both, codes = np.unique(codes * len(column.distinct) + column.codes, return_inverse=True)
        first, second = np.divmod(both, max(len(column.distinct), 1))
        pairs = pairs[first] + SEPARATOR + column.distinct[second]
    texts = ["" if not text.strip(SEPARATOR) else text for text in pairs]
    return Texts(codes.astype(np.int32), np.array(texts, dtype=object))


def _one_writing(texts: Texts, missing: frozenset[str]) -> Texts:
    clean = [_written("" if (text := raw.strip()) in missing else text) for raw in texts.distinct]
    return Texts(texts.codes, np.array(clean, dtype=object))


def _written(text: str) -> str:
    number = _number(text)
    return repr(number + 0.0).removesuffix(".0") if abs(number) < EXACT else text
