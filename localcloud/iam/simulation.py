"""What the policy simulator answers, by the rules that requests are held to. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from localcloud.iam.policies import AccessRequest, Context, Document, allows, applies, denies, names_action, statements

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"
STRICTEST_FIRST = (EXPLICIT, IMPLICIT, ALLOWED)
EVERY_RESOURCE = "*"


def simulate(
    principal: str, policies: Mapping[str, Document], actions: Iterable[str], resources: Sequence[str], context: Context
) -> list[dict[str, Any]]:
    """One EvaluationResult per action: the strictest decision over ``resources``, and each one's own.

    ``policies`` are a principal's own by name; a matched statement is told by its policy, not by its place in the text.
    """
    return [_of_action(principal, policies, action, resources or (EVERY_RESOURCE,), context) for action in actions]


def _of_action(
    principal: str, policies: Mapping[str, Document], action: str, resources: Sequence[str], context: Context
) -> dict[str, Any]:
    missing = _missing_keys(policies.values(), action, context)
    decided = [_decided(policies, AccessRequest(principal, action, resource, context)) for resource in resources]
    strictest = min(decided, key=lambda found: STRICTEST_FIRST.index(found[0]))
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalDecision": strictest[0],
        "MatchedStatements": strictest[1],
        "MissingContextValues": missing,
    }
    if len(resources) == 1:
        result["EvalResourceName"] = resources[0]
    if list(resources) != [EVERY_RESOURCE]:
        result["MissingContextValues"] = []
        result["ResourceSpecificResults"] = [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": decision,
                "MatchedStatements": matched,
                "MissingContextValues": missing,
            }
            for resource, (decision, matched) in zip(resources, decided, strict=True)
        ]
    return result


def _decided(policies: Mapping[str, Document], ask: AccessRequest) -> tuple[str, list[dict[str, str]]]:
    """The decision, and the policies whose statements made it."""
    for decision, kind in ((EXPLICIT, denies), (ALLOWED, allows)):
        matched = [
            {"SourcePolicyId": name.rpartition("/")[2], "SourcePolicyType": "IAM Policy"}
            for name, document in policies.items()
            for statement in kind(document)
            if applies(statement, ask, has_principal=False)
        ]
        if matched:
            return decision, matched
    return IMPLICIT, []


def _missing_keys(documents: Iterable[Document], action: str, context: Context) -> list[str]:
    """The condition keys of statements about ``action`` that the caller gave no value for."""
    given = {name.lower() for name in context}
    asked = {
        key
        for document in documents
        for statement in statements(document)
        if names_action(statement, action)
        for keys in (statement.get("Condition") or {}).values()
        for key in keys
    }
    return sorted(key for key in asked if key.lower() not in given)
