"""Which steps of a pipeline ask what serves about new rows, and are enough to measure it. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

ASKS = "ScoreChampion"
REFERS = re.compile(r"^Steps\.([^.\[]+)")


def steps(definition: Mapping[str, Any]) -> list[str]:
    """The step that asks what serves, and all that it waits for, in the definition's order; none where no step does.

    A selective execution that needs no other runs without one to stand on.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-selective-ex.html
    """
    by_name = {step["Name"]: step for step in definition.get("Steps", ())}
    wanted, waiting = set(), [ASKS] if ASKS in by_name else []
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [*by_name[name].get("DependsOn", ()), *_referred(by_name[name])]
    return [name for name in by_name if name in wanted]


def of_text(definition: str) -> list[str]:
    """The same of a definition as it is published."""
    return steps(json.loads(definition))


def _referred(found: Any) -> Iterator[str]:
    """The steps that a part of a definition refers to."""
    if isinstance(found, list):
        for one in found:
            yield from _referred(one)
    elif isinstance(found, Mapping):
        referred = REFERS.match(found["Get"]) if isinstance(found.get("Get"), str) else None
        if referred:
            yield referred[1]
        for one in found.values():
            yield from _referred(one)
