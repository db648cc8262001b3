"""What is published now binds a run of an older pipeline version, too: whose yes it needs, and against which gate its
limits are loose. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.decide.protection.held_out import is_looser
from app.decide.uploads.published_model import Model, Pipeline

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
    split = [f"rows are split otherwise {whose} than the model file says now"] if model.split != current.split else []
    now = current.chosen(asked)[0]
    return (*(text for limit in current.gate for text in _looser(limit, now, model, pipeline, own, whose)), *split)


def _looser(
    limit: Mapping[str, Any], now: Pipeline, model: Model, pipeline: Pipeline, own: Mapping[str, str], whose: str
) -> Iterator[str]:
    """Say it of one limit of the current gate; nothing where the older gate is as strict."""
    kind = next((one for one in NUMBERS if one in limit), "")
    if not kind:
        if _plain(limit) not in [_plain(one) for one in model.gate]:
            other = next((name for name in limit if name not in ("metric", "parameter")), "limit").replace("_", " ")
            yield f"{limit['metric']} has not the limit '{other}' {whose} that the model file has now"
        return
    usual, words = _held(limit, kind, now.parameters), f"{limit['metric']} {kind.replace('_', ' ')}"
    held = [
        _held(one, kind, {**pipeline.parameters, **own})
        for one in model.gate
        if kind in one and one["metric"] == limit["metric"]
    ]
    if not held:
        yield f"{limit['metric']} has no limit {whose}; now it is {words.removeprefix(limit['metric'] + ' ')} {usual:g}"
        return
    strictest = max(held) if kind == "at_least" else min(held)
    if is_looser(kind, strictest, usual):
        yield f"{words} {strictest:g} {whose}; now it is {usual:g}"


def _held(limit: Mapping[str, Any], kind: str, given: Mapping[str, str]) -> float:
    return float(given.get(limit.get("parameter", ""), limit[kind]))


def _plain(limit: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in limit.items() if name != "parameter"}
