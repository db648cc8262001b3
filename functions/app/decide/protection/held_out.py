"""What loosens a gate: a limit that lets worse versions pass, and fewer rows to judge them on. Pure."""

from collections.abc import Mapping
from typing import Any

TRAIN, VALIDATION = "TrainFraction", "ValidationFraction"


def is_looser(bound: str, one: float, other: float) -> bool:
    """Whether limit ``one`` lets worse versions pass than ``other``; what is no number lets nothing pass."""
    return one < other if bound == "at_least" else one > other


def held_out_share(split: Mapping[str, Any], given: Mapping[str, str]) -> float | None:
    """Which share of the rows is held out, by the model file's ``split`` and the parameters ``given``; None where
    neither says it.
    """
    shares = given.get(TRAIN, split.get("train")), given.get(VALIDATION, split.get("validation"))
    return None if None in shares else round(1 - sum(float(str(one)) for one in shares), 12)


def wrong_fractions(split: Mapping[str, Any], published: Mapping[str, str], asked: Mapping[str, str]) -> str:
    """Why a run cannot be asked for with these fractions, which are numbers; "" where it can."""
    fractions = {name: float(asked[name]) for name in (TRAIN, VALIDATION) if name in asked}
    if not fractions:
        return ""
    if not 0 < fractions.get(TRAIN, 0.5) < 1:
        return f"{TRAIN} lies between 0 and 1"
    if not 0 <= fractions.get(VALIDATION, 0) < 1:
        return f"{VALIDATION} is 0, or lies between 0 and 1"
    share = held_out_share(split, {**published, **asked})
    if share is not None and share <= 0:
        return f"{TRAIN} and {VALIDATION} leave no rows for the gate to judge"
    return ""


def fewer_held_out(split: Mapping[str, Any], published: Mapping[str, str], asked: Mapping[str, str]) -> tuple[str, ...]:
    """Say, for people, that the gate judges fewer rows than it usually does, as the run is ``asked`` for so."""
    if not {TRAIN, VALIDATION} & set(asked):
        return ()
    usual, held = held_out_share(split, published), held_out_share(split, {**published, **asked})
    if usual is None or held is None:
        return ("nobody knows how many rows are held out for this run: the model file's split was not published",)
    said = "as it is published they are" if {TRAIN, VALIDATION} & set(published) else "the model file says"
    told = f"{held:.4g} of the rows are held out for this run; {said} {usual:.4g}"
    return (told,) if held < usual else ()
