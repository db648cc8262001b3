"""What is asked of one run beside its data: what may be asked at all, and which limits of the gate it loosens. Pure."""

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.decide.protection.held_out import fewer_held_out, is_looser, wrong_fractions
from app.decide.protection.older_publications import loosened_by_version
from app.decide.uploads.published_model import TUNING, Askable, Model
from app.errors import NotAskable

LONGEST_TEXT = 1024  # Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Parameter.html

TEXT, TEXTS = re.compile(".*", re.DOTALL), f"it takes at most {LONGEST_TEXT} printable characters"
# As JSON writes numbers: Python reads more as one, such as 1_0, " 7" and digits of other scripts. pipelines/ and the
# local cloud have the same two: a test holds them equal.
WHOLE, NUMBER = re.compile("-?[0-9]+"), re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
NUMBERS = {
    "Integer": (WHOLE, "it takes a value of type Integer, in digits alone, such as 12"),
    "Float": (NUMBER, "it takes a finite number, such as 12, 0.25 or 1e-3"),
}


def check_asked(model: Model, asked: Mapping[str, str]) -> None:
    """Hold the parameters that a run is asked for with against the list that was published.

    Raises:
        NotAskable: nobody may ask for one of them, or not with that value; what can be asked is listed.
    """
    pipeline, own = model.chosen(asked)
    known = {one.name: one for one in pipeline.askable}
    if own and not known:
        raise NotAskable(f"what may be asked of '{model.name}' was not published: `retrain publish {model.name}` first")
    for name, value in own.items():
        if name not in known:
            can = ", ".join([*known, *([TUNING] if model.tuned_pipeline else [])])
            raise NotAskable(f"a run of '{model.name}' cannot be asked for with {name}; what can be asked is {can}")
        if why := _wrong(known[name], value):
            raise NotAskable(f"{name}={value[:100]!r} cannot be asked of '{model.name}': {why}")
    if why := wrong_fractions(model.split, pipeline.parameters, own):
        raise NotAskable(f"it cannot be asked of '{model.name}': {why}")
    if asked.get(TUNING, "on") not in ("on", "off"):
        raise NotAskable(f"{TUNING} is {asked[TUNING][:100]!r}; say 'on' or 'off'")


def _wrong(known: Askable, value: str) -> str:
    """Why a parameter does not take ``value``; "" where it does."""
    if known.values:
        return "" if value in known.values else f"it takes one of {', '.join(known.values)}"
    written, what = NUMBERS.get(known.type, (TEXT, ""))
    if len(value) > LONGEST_TEXT or not written.fullmatch(value):
        return what or TEXTS
    if known.type == "Integer" and known.most and not 1 <= int(value) <= known.most:
        return f"it takes 1 to {known.most}: for more, name more in the model file, and publish"
    if known.type == "Float" and not math.isfinite(float(value)):
        return what
    return "" if value.isprintable() else TEXTS


class LoosenedLimits(NamedTuple):
    """The gate's limits that let worse versions pass than the model file says."""

    texts: tuple[str, ...]  # each for people
    by_run: bool  # whether the run itself was asked for so: a model that approves itself then asks a person


def loosened_limits(
    gate: tuple[Mapping[str, Any], ...], published: Mapping[str, str], asked: Mapping[str, str]
) -> LoosenedLimits:
    """Compare the limits that a run is held to, by what was ``published`` and ``asked``, with the model file's."""
    texts, by_run = [], False
    for limit in gate:
        name, bound = limit.get("parameter"), "at_least" if "at_least" in limit else "at_most"
        if name is None or bound not in limit:
            continue
        said = float(limit[bound])
        usual = float(published.get(name, said))
        held = float(asked.get(name, usual))
        by_run = by_run or is_looser(bound, held, usual)
        if is_looser(bound, held, said):
            whose = "for this run" if name in asked else "as it is published"
            words = bound.replace("_", " ")
            texts.append(f"{limit['metric']} {words} {held:g} {whose}; the model file says {said:g}")
    return LoosenedLimits(tuple(texts), by_run)


def loosened(model: Model, asked: Mapping[str, str], current: Model | None = None) -> LoosenedLimits:
    """All in which a run that is ``asked`` for lets worse versions pass than it is said. ``current`` is what is
    published now, where the run is asked for with the older publication ``model``.
    """
    pipeline, own = model.chosen(asked)
    limits = loosened_limits(model.gate, pipeline.parameters, own)
    further = fewer_held_out(model.split, pipeline.parameters, own)
    further += loosened_by_version(model, current, asked) if current else ()
    return LoosenedLimits((*limits.texts, *further), limits.by_run or bool(further))
