"""What the policy simulator answers, by the rules that requests are held to. Pure.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html and
https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from localcloud.iam.policies import (
    AccessRequest,
    Context,
    Document,
    Limit,
    allows,
    applies,
    decide,
    denies,
    names_action,
    statements,
)

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"
STRICTEST_FIRST = (EXPLICIT, IMPLICIT, ALLOWED)
EVERY_RESOURCE = "*"
PERMITS_ALL: Document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Own(NamedTuple):
    """A principal's policies by name, and what bounds them."""

    policies: Mapping[str, Document]
    limits: Sequence[Limit]


class Answer(NamedTuple):
    """IAM's word for the decision, the policies that made it, and what it says of a boundary."""

    word: str
    matched: list[dict[str, str]]
    detail: dict[str, Any]


def simulate(
    principal: str,
    policies: Mapping[str, Document],
    actions: Iterable[str],
    resources: Sequence[str],
    context: Context,
    limits: Sequence[Limit] = (),
) -> list[dict[str, Any]]:
    """One EvaluationResult per action: the strictest decision over ``resources``, and each one's own.

    ``policies`` are a principal's own by name; a matched statement is told by its policy, not by its place in the text.
    ``limits`` is the principal's permissions boundary, where there is one.
    """
    own = Own(policies, limits)
    return [_of_action(own, principal, action, resources or (EVERY_RESOURCE,), context) for action in actions]


def _of_action(own: Own, principal: str, action: str, resources: Sequence[str], context: Context) -> dict[str, Any]:
    bounding = [document for limit in own.limits for document in limit.documents]
    missing = _missing_keys([*own.policies.values(), *bounding], action, context)
    decided = [_decided(own, AccessRequest(principal, action, resource, context)) for resource in resources]
    strictest = min(decided, key=lambda found: STRICTEST_FIRST.index(found.word))
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalDecision": strictest.word,
        "MatchedStatements": strictest.matched,
        "MissingContextValues": missing,
        **strictest.detail,
    }
    if len(resources) == 1:
        result["EvalResourceName"] = resources[0]
    if list(resources) != [EVERY_RESOURCE]:
        result["MissingContextValues"] = []
        result["ResourceSpecificResults"] = [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": one.word,
                "MatchedStatements": one.matched,
                "MissingContextValues": missing,
                **one.detail,
            }
            for resource, one in zip(resources, decided, strict=True)
        ]
    return result


def _decided(own: Own, ask: AccessRequest) -> Answer:
    """The decision, the policies whose statements made it, and whether the boundary would permit it."""
    admitted = decide(ask, [PERMITS_ALL], limits=own.limits)
    detail = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": admitted.allowed}}
    detail = detail if own.limits else {}
    for word, kind in ((EXPLICIT, denies), (ALLOWED, allows)):
        matched = [
            {"SourcePolicyId": name.rpartition("/")[2], "SourcePolicyType": "IAM Policy"}
            for name, document in own.policies.items()
            for statement in kind(document)
            if applies(statement, ask, has_principal=False)
        ]
        if matched and (word == EXPLICIT or admitted.allowed):
            return Answer(word, matched, detail)
    return Answer(EXPLICIT if "explicit" in admitted.why else IMPLICIT, [], detail)


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
