"""What Step Functions refuses of a definition and the engine's grammar takes: transitions, names, fields, values. Pure.

Source: https://states-language.net/spec.html, and AWS's own diagnostics as they are told in
https://github.com/localstack/localstack/issues/11978 and https://github.com/floci-io/floci/pull/2786
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from localcloud.stepfunctions.rules import fields, graph
from localcloud.stepfunctions.rules.machines import Diagnostic, machines


def diagnostics(document: Any) -> list[Diagnostic]:
    """All that is wrong with a definition, in AWS's order: what a state has first, then where it leads."""
    return list(_of(document)) if isinstance(document, dict) else []


def _of(document: dict[str, Any]) -> Iterator[Diagnostic]:
    found = list(machines(document))
    for machine in found:
        yield from fields.problems(machine)
    yield from graph.duplicates(found)
    for machine in found:
        yield from graph.problems(machine)
