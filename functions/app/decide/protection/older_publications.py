"""What is published now binds a run of an older pipeline version, too: whose yes it needs, and against which gate its
limits are loose. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.decide.protection.held_out import is_looser
from app.decide.uploads.published_model import Model

NUMBERS = ("at_least", "at_most")


def bound(model: Model, current: Model) -> Model:
    """What was published with an older version of the pipeline, for a run that begins now.

    It brings the training: data, parameters, code. Whose yes it needs, when it may begin and how it is deployed is said
    by the ``current`` publication; where either asks a person, one is asked. Of a version that was not published nobody
    knows the gate: a person is asked.
    """
    return model._replace(
        automatic=model.automatic and current.automatic and bool(model.model_sha256),
        review=current.review,
        retrain=current.retrain,
        deployment=current.deployment,
        owner=current.owner,
        data=model.data._replace(sensitive=model.data.sensitive or current.data.sensitive),
    )


def loosened_by_version(model: Model, current: Model, asked: Mapping[str, str]) -> tuple[str, ...]:
    """In which ways the gate of a run of an older version lets worse versions pass than the ``current`` one, for
    people: the limits as the run is held to them, by what was published with the version and what is ``asked``.
    """
    pipeline, own = model.chosen(asked)
    whose = f"by version {model.pipeline.version} of the pipeline"
    if not model.model_sha256:
        return (f"nobody knows the limits {whose}: nothing was published with it",)
    held = held_limits(model.gate, {**pipeline.parameters, **own})
    now = held_limits(current.gate, current.chosen(asked)[0].parameters)
    return looser_than(now, current.split, held, model.split, whose)


def held_limits(gate: Iterable[Mapping[str, Any]], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """A gate's limits with the numbers that a run is held to by the parameters ``given``."""
    return [_held(limit, given) for limit in gate]


def looser_than(
    now: Sequence[Mapping[str, Any]],
    split_now: Mapping[str, Any],
    held: Sequence[Mapping[str, Any]],
    split: Mapping[str, Any],
    whose: str,
) -> tuple[str, ...]:
    """In which ways the limits that a run is ``held`` to, and its ``split``, let worse versions pass than those of
    ``now``, for people; ``whose`` they are.
    """
    texts = (text for limit in now for text in _looser(limit, held, whose))
    return (
        *texts,
        *([f"rows are split otherwise {whose} than the model file says now"] if split != split_now else ()),
    )


def _looser(limit: Mapping[str, Any], held: Sequence[Mapping[str, Any]], whose: str) -> Iterator[str]:
    """Say it of one limit of the current gate; nothing where the older gate is as strict."""
    kind = next((one for one in NUMBERS if one in limit), "")
    if not kind:
        if limit not in held:
            other = next((name for name in limit if name != "metric"), "limit").replace("_", " ")
            yield f"{limit['metric']} has not the limit '{other}' {whose} that the model file has now"
        return
    usual, words = limit[kind], kind.replace("_", " ")
    numbers = [one[kind] for one in held if kind in one and one["metric"] == limit["metric"]]
    if not numbers:
        yield f"{limit['metric']} has no limit {whose}; now it is {words} {usual:g}"
        return
    strictest = max(numbers) if kind == "at_least" else min(numbers)
    if is_looser(kind, strictest, usual):
        yield f"{limit['metric']} {words} {strictest:g} {whose}; now it is {usual:g}"


def _held(limit: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    plain = {name: value for name, value in limit.items() if name != "parameter"}
    numbers = {kind: float(given.get(limit.get("parameter", ""), limit[kind])) for kind in NUMBERS if kind in limit}
    return plain | numbers
