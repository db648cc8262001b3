"""What a JSON Schema cannot say about how a model's answers are decided and calibrated. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.model.model_rules import Finding, Where

NEEDS = {"precision": ("at_least", "the precision that is asked for: at_least: 0.8"),
         "cost": ("false_negative", "what a missed positive costs, in false alarms: false_negative: 10")}  # fmt: skip

ROWS = "give it some: split: {validation: 0.15, …}"


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what contradicts what."""
    yield from _of_rows(model)
    decision, where = model.get("decision"), ("decision",)
    if model["task"] != "binary_classification":
        for key in ("decision", "calibrate"):
            if key in model:
                yield (key,), f"{model['task']} has no two labels to decide between", "remove it"
        return
    if decision is None:
        return
    if model["data"]["threshold"] != 0.5:
        yield (*where, "threshold"), "data.threshold says a threshold too", "keep one of them: this one may be chosen"
    yield from _of_aim(decision, where)


def _of_rows(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what is learnt on rows outside training where there are none: of rows that belong together none can be held
    back from a model that learns the others.
    """
    split = model["split"]
    bound = "data.group" if model["data"].get("group") else "split.by" if split.get("by") else ""
    if not bound or split["validation"] > 0:
        return
    chosen = model.get("decision", {}).get("threshold") == "chosen"
    asked = {("data", "target_transform"): model["data"]["target_transform"] == "log",
             ("calibrate",): "calibrate" in model, ("decision", "threshold"): chosen}  # fmt: skip
    for where in (where for where, wanted in asked.items() if wanted):
        yield where, f"with {bound} it is learnt on validation rows, and split leaves it none", ROWS


def _of_aim(decision: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    aim = decision.get("aim")
    if decision["threshold"] != "chosen":
        for key in {"aim", "at_least", "false_negative"} & set(decision):
            yield (*where, key), "a threshold that is given has no aim", "remove it, or write threshold: chosen"
        return
    for name, (key, remedy) in NEEDS.items():
        if aim == name and key not in decision:
            yield (*where, "aim"), f"{name} says too little", f"add {remedy}"
        if aim != name and key in decision:
            yield (*where, key), f"only aim: {name} has it", f"remove it, or write aim: {name}"
