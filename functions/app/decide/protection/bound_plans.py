"""A run's frozen plan as what is published since binds it: whose yes its version needs. Pure.

Training keeps to the plan. The yes does not: a version approves itself only where the plan and the publication of now
both say so, and whom else it asks the publication of now says.
"""

from collections.abc import Mapping
from typing import Any

from app.decide.approval.ballots import ReviewRule, needed_text
from app.decide.approval_rules import ASKED_ANEW
from app.decide.names.hashes import canonical, digest
from app.decide.protection.older_publications import held_limits, looser_than
from app.decide.uploads.published_model import Model

WHOSE = "by this run's plan"


def held_to(model: Model, parameters: Mapping[str, str], current: Model, pipeline: str) -> dict[str, Any]:
    """What a plan keeps of the gate: the limits that its run is held to by ``model`` and its ``parameters``, and which
    limits were published then, as ``current``, for a run of that ``pipeline`` (its name).
    """
    limits = held_limits(model.gate, parameters)
    return {"gate": limits, "split": dict(model.split), "published": _published_limits(current, pipeline)}


def bound_plan(plan: Mapping[str, Any], current: Model | None) -> dict[str, Any]:
    """A plan whose yes is bound by what is published now, ``current``; None where the model is not published any more,
    of which nobody knows who is to say yes: then whoever the plan asks, or anybody, but it never approves itself.
    """
    looser = _looser_now(plan, current) if current else ()
    automatic = bool(current and current.automatic)
    asks = current is not None and not current.automatic
    bound = {
        "automatic": bool(plan.get("automatic")) and automatic and not looser,
        "review": dict(current.review) if current and asks else dict(plan.get("review") or {}),
        "loosened": list(dict.fromkeys([*plan.get("loosened", []), *looser])),
    }
    return {**plan, **{name: value for name, value in bound.items() if value or plan.get(name)}}


def describe_binding(model: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What a version asks since what was published bound its run's plan, for the run's timeline."""
    looser = [text for text in after.get("loosened", []) if text not in before.get("loosened", [])]
    told = [f"limits are stricter now: {', '.join(looser)}"] if looser else []
    rule = ReviewRule.of(model, after)
    if (before.get("automatic"), before.get("review")) != (after.get("automatic"), after.get("review")):
        told.append(f"it needs {needed_text(rule) if rule.reviewers else 'the yes of a person'}")
    return ASKED_ANEW + "; ".join(told)


def _looser_now(plan: Mapping[str, Any], current: Model) -> tuple[str, ...]:
    held = plan.get("held_to")
    if not held:
        known = plan.get("model_sha256") == current.model_sha256
        return () if known else (f"nobody knows the limits {WHOSE}: an earlier release planned it",)
    if held["published"] == _published_limits(current, str(plan.get("pipeline", ""))):
        return ()
    now = held_limits(current.gate, _parameters(current, str(plan.get("pipeline", ""))))
    return looser_than(now, current.split, held["gate"], held["split"], WHOSE)


def _published_limits(model: Model, pipeline: str) -> str:
    """A name of a publication's limits and split, equal for equal ones."""
    return digest(canonical([held_limits(model.gate, _parameters(model, pipeline)), dict(model.split)]))


def _parameters(model: Model, pipeline: str) -> Mapping[str, str]:
    """What a publication sets of the parameters of the pipeline of that name."""
    tuned = model.tuned_pipeline
    return tuned.parameters if tuned and tuned.name == pipeline else model.pipeline.parameters
