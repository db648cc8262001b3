"""Cleaning and splitting as steps of their own: Preprocess leaves clean rows, Split what training needs. Pure: JSON in,
JSON out.

Only Split sees the fractions and fits; another split of the same data takes Preprocess from the cache.
"""

import copy
from collections.abc import Mapping
from typing import Any

from pipelines.definition.step_json import PROCESSING, Json, output, retargeted, s3_input

BEFORE, AFTER = "Preprocess", "Split"
CLEANED = "cleaned"
OF_CLEANING = ("AsOfDate",)  # parameters that cleaning takes; the others are the split's


def is_separate(model: Mapping[str, Any]) -> bool:
    """Whether the model's file names a second script."""
    return bool(model["preprocessing"]["split"])


def separated(definition: Json, model: Mapping[str, Any]) -> Json:
    """Put Split behind Preprocess: what took Preprocess's outputs takes Split's."""
    clean, *others = definition["Steps"]
    if clean["Name"] != BEFORE:
        raise ValueError(f"the first step is {clean['Name']}, not {BEFORE}")
    return definition | {"Steps": [_clean(clean), _split(clean, model), *map(_behind_split, others)]}


def _clean(step: Json) -> Json:
    made: Json = copy.deepcopy(step)
    made.pop("PropertyFiles", None)
    arguments = made["Arguments"]
    first = arguments["ProcessingOutputConfig"]["Outputs"][0]
    arguments["ProcessingOutputConfig"]["Outputs"] = [retargeted(first, BEFORE, CLEANED)]
    _keep_settings(arguments["AppSpecification"], cleaning=True)
    return made


def _split(step: Json, model: Mapping[str, Any]) -> Json:
    made: Json = copy.deepcopy(step) | {"Name": AFTER}
    arguments = made["Arguments"]
    frozen = [one for one in arguments["ProcessingInputs"] if one["InputName"] in ("code", "config")]
    arguments["ProcessingInputs"] = [s3_input(frozen[0], CLEANED, output(BEFORE, CLEANED)), *frozen]
    outputs = arguments["ProcessingOutputConfig"]["Outputs"]
    names = [*(one["OutputName"] for one in outputs), "transformed"]
    arguments["ProcessingOutputConfig"]["Outputs"] = [retargeted(outputs[0], AFTER, name) for name in names]
    said = arguments["AppSpecification"]
    said["ContainerEntrypoint"] = ["python3", f"{PROCESSING}/code/{model['preprocessing']['split']}"]
    _keep_settings(said, cleaning=False)
    return made


def _keep_settings(said: Json, *, cleaning: bool) -> None:
    """Of a script's ``--set NAME VALUE`` those that are its own."""
    given = said.pop("ContainerArguments", [])
    triples = [given[at : at + 3] for at in range(0, len(given), 3)]
    kept = [part for triple in triples if (triple[1] in OF_CLEANING) == cleaning for part in triple]
    if kept:
        said["ContainerArguments"] = kept


def _behind_split(found: Any) -> Any:
    """The same with Split in the place of Preprocess, wherever it is referred to."""
    if isinstance(found, list):
        return [_behind_split(one) for one in found]
    if isinstance(found, dict):
        return {
            key: [AFTER if name == BEFORE else name for name in value] if key == "DependsOn" else _behind_split(value)
            for key, value in found.items()
        }
    return found.replace(f"Steps.{BEFORE}.", f"Steps.{AFTER}.") if isinstance(found, str) else found
