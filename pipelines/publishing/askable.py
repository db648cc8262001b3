"""What may be asked of one run: the list that publishing announces, and that BeginRun and the commands hold requests
against. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
NOT_ASKABLE = {  # parameter of a pipeline -> who says it instead
    "InputData": "the accepted uploads are what a run learns from",
    "ChampionImage": "the version that serves decides it",
    "ChampionModel": "the version that serves decides it",
    "ChampionVersion": "the version that serves decides it",
    "ModelApprovalStatus": "a version waits for a person, or for approval: {mode: automatic} in the model file",
}
INSTANCES = {f"{use.title()}InstanceType": use for use in ("processing", "training", "transform")}


def askable(parameters: Sequence[Json]) -> list[Json]:
    """Those of a definition's ``parameters`` that anybody may ask for, of one run or of every run."""
    return [one for one in parameters if one["Name"] not in NOT_ASKABLE]


def announced(parameters: Sequence[Json], model: Mapping[str, Any], published: Mapping[str, str]) -> list[Json]:
    """The list for BeginRun: name, type, and the values where not all of the type will do.

    An instance type costs money: a run has the choice of those that the model file names, or publishing did.
    """
    kept = ("Name", "Type", "EnumValues")
    listed = [{name: one[name] for name in kept if one.get(name)} for one in askable(parameters)]
    for one in listed:
        if one["Name"] in INSTANCES:
            own = {published[one["Name"]]} if one["Name"] in published else set[str]()
            one["EnumValues"] = sorted(own | _named(model.get("instances") or {}, INSTANCES[one["Name"]]))
    return listed


def _named(instances: Mapping[str, Any], use: str) -> set[str]:
    """The instance types that a model file names for a use."""
    own = [instances.get(use), (instances.get("large_data") or {}).get(use), *(instances.get("fallback") or [])]
    return {str(one) for one in own if one}
