"""What may be asked of one run: the list that publishing announces, and that BeginRun and the commands hold requests
against. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.definition.algorithms import ALGORITHMS
from pipelines.definition.defaults import PROCESSING_COUNT
from pipelines.definition.tuning import SIZE, TUNING

Json = dict[str, Any]
NOT_ASKABLE = {  # parameter of a pipeline -> who says it instead; what else is on no list is refused without this
    "InputData": "the accepted uploads are what a run learns from",
    "ChampionImage": "the version that serves decides it",
    "ChampionModel": "the version that serves decides it",
    "ChampionVersion": "the version that serves decides it",
    "ModelApprovalStatus": "a version waits for a person, or for approval: {mode: automatic} in the model file",
}
# As JSON writes numbers: Python reads more as one. The app and the local cloud have the same two.
NUMBERS = {"Integer": re.compile("-?[0-9]+"), "Float": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")}
TEXT = re.compile(".*", re.DOTALL)
INSTANCES = {f"{use.title()}InstanceType": use for use in ("processing", "training", "transform")}


DECLARED = frozenset(  # of every model's pipelines, beside limits of the gate and hyperparameters
    {*INSTANCES, PROCESSING_COUNT, "TrainFraction", "ValidationFraction", "AsOfDate", *SIZE, TUNING}
)
HYPERPARAMETERS = frozenset(  # a model with several algorithms has them by the algorithm's name
    one
    for algorithm in ALGORITHMS.values()
    for name in algorithm.overridable
    for one in (name, f"{algorithm.label.lower()}_{name}")
)


def askable(parameters: Sequence[Json], model: Mapping[str, Any]) -> list[Json]:
    """Those of a definition's ``parameters`` that anybody may ask for, of one run or of every run: no more than are
    listed here or named by the model file, so that a new parameter is asked for by nobody until it is listed.
    """
    limits = {limit["parameter"] for limit in model.get("gate") or () if "parameter" in limit}
    comparison = {one for one in [(model.get("comparison") or {}).get("parameter")] if one}
    listed = (DECLARED | HYPERPARAMETERS | limits | comparison) - set(NOT_ASKABLE)
    return [one for one in parameters if one["Name"] in listed]


def announced(parameters: Sequence[Json], model: Mapping[str, Any], published: Mapping[str, str]) -> list[Json]:
    """The list for BeginRun: name, type, and the values where not all of the type will do.

    Instances and jobs cost money: a run has the choice of the types that the model file names, or publishing did, and
    of as many.
    """
    kept = ("Name", "Type", "EnumValues")
    listed = [{name: one[name] for name in kept if one.get(name)} for one in askable(parameters, model)]
    for one in listed:
        if one["Name"] in INSTANCES:
            own = {published[one["Name"]]} if one["Name"] in published else set[str]()
            one["EnumValues"] = sorted(own | _named(model.get("instances") or {}, INSTANCES[one["Name"]]))
        if most := _most(one["Name"], model, published):
            one |= {"Minimum": 1, "Maximum": most}
    return listed


def _most(name: str, model: Mapping[str, Any], published: Mapping[str, str]) -> int:
    """The most of a count that a run may ask for: what it has without asking, by the model file or by publishing; 0 for
    what is no count.
    """
    counts = {PROCESSING_COUNT: ("instances", "processing_count")} | {
        parameter: ("tuning", key) for parameter, key in SIZE.items()
    }
    if name not in counts:
        return 0
    section, key = counts[name]
    return max(int((model.get(section) or {}).get(key, 1)), int(published.get(name, 1)))


def _named(instances: Mapping[str, Any], use: str) -> set[str]:
    """The instance types that a model file names for a use."""
    own = [instances.get(use), (instances.get("large_data") or {}).get(use), *(instances.get("fallback") or [])]
    return {str(one) for one in own if one}
