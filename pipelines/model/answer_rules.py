"""What a JSON Schema cannot say about how a model's answers are decided and calibrated. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.model.model_rules import Finding, Where

NEEDS = {"precision": ("at_least", "the precision that is asked for: at_least: 0.8"),
         "cost": ("false_negative", "what a missed positive costs, in false alarms: false_negative: 10")}  # fmt: skip


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what contradicts what."""
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
