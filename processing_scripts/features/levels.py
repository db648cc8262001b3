"""Which level of a category a field means, however it is written: text from CSV, or any scalar from JSON.

A level is a text as uploads have it. JSON has no ``2.0`` that is not 2 and no ``01``, and writes true in its own way,
so a field that is no level as it stands is compared by one writing of what it says. Needs only the standard library:
it travels inside the deployable artifact.
"""

import re
from collections.abc import Mapping

RARE_ROWS = 5  # a level seen less often is read as unknown, so that serving meets what training met
PRIOR_ROWS = 10.0  # weight of the overall mean when levels are put in order
PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
TRUTHS = {"true": "1", "false": "0"}  # how a column of 0 and 1 has them


def text_of(value: object) -> str:
    """Write a JSON scalar as it would stand in a CSV file; text is stripped, null is blank."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def written(text: str) -> str:
    """Give one writing of a text: numbers without idle noughts and signs, true and false small; others as they are."""
    if text.casefold() in TRUTHS:
        return text.casefold()
    if not PLAIN.fullmatch(text):
        return text
    whole, _, part = text.lstrip("+-").partition(".")
    digits = (whole.lstrip("0") or "0") + (f".{part}" if (part := part.rstrip("0")) else "")
    return f"-{digits}" if text.startswith("-") and digits != "0" else digits


def by_writing(levels: Mapping[str, int]) -> dict[str, int]:
    """Key the places of levels by their writing; what two levels have in common, such as 01 and 1, is left out."""
    places: dict[str, int] = {}
    twice = set()
    for level, place in levels.items():
        if places.setdefault(written(level), place) != place:
            twice.add(written(level))
    known = {writing: place for writing, place in places.items() if writing not in twice}
    if set(TRUTHS.values()) == set(known):
        known |= {truth: known[number] for truth, number in TRUTHS.items()}
    return known


def ordered_levels(rows: Mapping[str, int], totals: Mapping[str, float], missing: frozenset[str]) -> dict[str, int]:
    """Order a column's levels by smoothed mean target; rare, blank and missing marks have no place.

    ``rows`` counts training rows by level, ``totals`` sums their targets. One split of a tree between two places then
    separates low levels from high ones, however many levels there are.

    Source: Fisher (1958), On Grouping for Maximum Homogeneity; https://hastie.su.domains/ElemStatLearn/ section 9.2.4
    """
    all_rows = sum(rows.values())
    mean = sum(totals.values()) / all_rows if all_rows else 0.0
    kept = [level for level, count in rows.items() if count >= RARE_ROWS and level and level not in missing]
    smoothed = {level: steady((totals[level] + PRIOR_ROWS * mean) / (rows[level] + PRIOR_ROWS)) for level in kept}
    kept.sort(key=lambda level: (smoothed[level], level))
    return {level: place for place, level in enumerate(kept)}


def steady(number: float) -> float:
    """Keep 12 digits: sums of the same rows in another order then give the same number."""
    return float(f"{number:.12g}")
