"""May a principal do this? IAM's evaluation logic within one account, pure: policies and a request in, a decision out.

Knows nothing of servers. An operator or element that is not understood raises: it is never taken for a yes or a no.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, tuple[str, ...]]  # condition key -> values; single-valued keys have one
Test = Callable[[str, str], bool]  # policy's value, request's value


class UnsupportedPolicy(ValueError):
    """A policy has an element or operator that is not evaluated here."""


@dataclass(frozen=True)
class AccessRequest:
    """One permission that a call needs. ``principal`` is a role's ARN or a service such as events.amazonaws.com."""

    principal: str
    action: str  # service:Action
    resource: str  # ARN, or * where the action takes none
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """Yes or no, and why in IAM's words."""

    allowed: bool
    why: str


@dataclass(frozen=True)
class Limit:
    """Policies that grant nothing and bound what others grant: a permissions boundary, or a session's policies."""

    kind: str  # as IAM's refusals name it
    documents: Sequence[Document]


def boundary(document: Document | None) -> Limit:
    """A permissions boundary; of a policy that is not there any more, it admits nothing."""
    return Limit("permissions boundary", [document] if document else [])


def decide(
    ask: AccessRequest,
    identity: Sequence[Document],
    resource: Sequence[Document] = (),
    limits: Sequence[Limit] = (),
) -> Decision:
    """An explicit Deny anywhere wins; else one Allow in either kind of policy is enough, if every limit admits it, too.

    What a resource's policy grants to a user is bounded by no limit, what it grants to a role is: policies here name
    roles, never their sessions.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    if denied := _explicitly_denied(ask, identity, resource, limits):
        return Decision(False, f"with an explicit deny in {denied}")
    by_resource = _any_allows(resource, ask, True)
    if not by_resource and not _any_allows(identity, ask, False):
        kind = "resource-based" if is_service(ask.principal) else "identity-based"
        return Decision(False, f"because no {kind} policy allows the {ask.action} action")
    if not (by_resource and ":user/" in ask.principal):
        for limit in limits:
            if not _any_allows(limit.documents, ask, False):
                return Decision(False, f"because no {limit.kind} allows the {ask.action} action")
    return Decision(True, "a resource-based policy allows it" if by_resource else "an identity-based policy allows it")


def decide_trust(
    ask: AccessRequest, identity: Sequence[Document], trust: Sequence[Document], limits: Sequence[Limit] = ()
) -> Decision:
    """Whether somebody may take on a role: the role has to trust who asks, or the account, which leaves it to policies.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
    """
    root = f"{':'.join(ask.principal.split(':')[:5])}:root"
    if not any(_any_allows(trust, replace(ask, principal=one), True) for one in (ask.principal, root)):
        return Decision(False, f"because no resource-based policy allows the {ask.action} action")
    return decide(ask, identity, trust, limits)


def _explicitly_denied(
    ask: AccessRequest, identity: Sequence[Document], resource: Sequence[Document], limits: Sequence[Limit]
) -> str:
    """The kind of policy that denies it in so many words; "" where none does."""
    kinds = [("an identity-based policy", identity, False), ("a resource-based policy", resource, True)]
    kinds += [(f"a {limit.kind}", limit.documents, False) for limit in limits]
    found = (
        kind
        for kind, documents, has_principal in kinds
        for document in documents
        if any(applies(statement, ask, has_principal) for statement in denies(document))
    )
    return next(found, "")


def _any_allows(documents: Sequence[Document], ask: AccessRequest, has_principal: bool) -> bool:
    return any(applies(statement, ask, has_principal) for document in documents for statement in allows(document))


def statements(document: Document) -> list[Document]:
    """A policy's statements, also where it has but one."""
    found = document.get("Statement", [])
    return [found] if isinstance(found, Mapping) else list(found)


def allows(document: Document) -> list[Document]:
    """Statements that allow."""
    return [statement for statement in statements(document) if statement["Effect"] == "Allow"]


def denies(document: Document) -> list[Document]:
    """Statements that deny."""
    return [statement for statement in statements(document) if statement["Effect"] == "Deny"]


def applies(statement: Document, ask: AccessRequest, has_principal: bool) -> bool:
    """Whether a statement speaks of this request; only resource policies (and trust policies) name principals."""
    return (
        (not has_principal or _names_principal(statement, ask.principal))
        and names_action(statement, ask.action)
        and _names_resource(statement, ask, optional=has_principal)
        and all(
            condition_holds(operator, key, filled(values(wanted), ask.context), ask.context)
            for operator, keys in (statement.get("Condition") or {}).items()
            for key, wanted in keys.items()
        )
    )


def is_service(principal: str) -> bool:
    """events.amazonaws.com and the like."""
    return not principal.startswith("arn:")


def values(given: Any) -> list[str]:
    """One or many, as text: YAML may have made a boolean or a number of it."""
    many = given if isinstance(given, (list, tuple)) else [given]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in many]


def _names_principal(statement: Document, principal: str) -> bool:
    """An account's root stands for nobody by itself: it leaves the decision to identity policies."""
    if "NotPrincipal" in statement:
        raise UnsupportedPolicy("NotPrincipal is not evaluated")
    named = statement.get("Principal", {})
    if named == "*":
        return True
    kind = "Service" if is_service(principal) else "AWS"
    account = principal.split(":")[4] if principal.endswith(":root") else principal  # a number is that account's root
    return any(one in ("*", principal, account) for one in values(named.get(kind, [])))


def names_action(statement: Document, action: str) -> bool:
    """Whether a statement speaks of an action, whose case does not count."""
    wanted = action.lower()
    if "NotAction" in statement:
        return not any(matches(pattern.lower(), wanted) for pattern in values(statement["NotAction"]))
    return any(matches(pattern.lower(), wanted) for pattern in values(statement["Action"]))


def _names_resource(statement: Document, ask: AccessRequest, *, optional: bool) -> bool:
    if "NotResource" in statement:
        named = filled(values(statement["NotResource"]), ask.context)
        return not any(arn_matches(pattern, ask.resource) for pattern in named)
    if "Resource" not in statement:
        return optional  # a trust policy's resource is its role
    return any(arn_matches(pattern, ask.resource) for pattern in filled(values(statement["Resource"]), ask.context))


VARIABLE = re.compile(r"\$\{([^}]*)\}")
LITERAL = {"*": "\ue000", "?": "\ue001", "$": "$"}  # what stands for itself in a pattern
PLAIN = str.maketrans({private: letter for letter, private in LITERAL.items()})


def filled(patterns: list[str], context: Context) -> list[str]:
    """``patterns`` with the values of their variables, in which no character means more than itself.

    One whose variable has no value is left out: it matches nothing.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    found = (_filled(pattern, context) if "${" in pattern else pattern for pattern in patterns)
    return [pattern for pattern in found if pattern is not None]


def _filled(pattern: str, context: Context) -> str | None:
    missing = False

    def value(variable: re.Match[str]) -> str:
        nonlocal missing
        if variable[1] in LITERAL:
            return LITERAL[variable[1]]
        name, has_default, default = variable[1].partition(",")
        said = _found(name.strip(), context)
        if said is None or len(said) != 1:
            missing = missing or not has_default
            return default.strip().strip("'")
        return "".join(LITERAL.get(letter, letter) for letter in said[0])

    made = VARIABLE.sub(value, pattern)
    return None if missing else made


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": ".", **{private: re.escape(letter) for letter, private in LITERAL.items()}}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in pattern), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """``*`` is any run of characters, ``?`` any one; the case counts."""
    return _compiled(pattern).fullmatch(text) is not None


def arn_matches(pattern: str, arn: str) -> bool:
    """``*`` and ``?`` within each of an ARN's first five parts, and over the whole of the rest."""
    if pattern == "*":
        return True
    wanted, found = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(found) and all(map(matches, wanted, found))


def condition_holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    """One key under one operator. A key that is not in the request fails, but for negated and ...IfExists operators."""
    quantifier, _, plain = operator.rpartition(":")
    optional = plain.endswith("IfExists")
    plain = plain.removesuffix("IfExists")
    found = _found(key, context)
    if plain == "Null":
        return (found is None) == (wanted == ["true"])
    if plain not in OPERATORS or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise UnsupportedPolicy(f"the condition operator {operator} is not evaluated")
    negated, test = OPERATORS[plain]
    if found is None:
        return optional or quantifier == "ForAllValues" or (negated and quantifier == "")

    def fits(value: str) -> bool:
        return any(test(one, value) for one in wanted) != negated

    return all(map(fits, found)) if quantifier != "ForAnyValue" else any(map(fits, found))


def _found(key: str, context: Context) -> tuple[str, ...] | None:
    """Keys have no case."""
    return next((found for name, found in context.items() if name.lower() == key.lower()), None)


def _same(wanted: str, found: str) -> bool:
    return wanted.translate(PLAIN) == found


def _same_whatever_case(wanted: str, found: str) -> bool:
    return wanted.translate(PLAIN).lower() == found.lower()


def _number(compare: Callable[[float, float], bool]) -> Test:
    return lambda wanted, found: compare(float(found), float(wanted))


OPERATORS: Mapping[str, tuple[bool, Test]] = {  # name -> (negated, test)
    "StringEquals": (False, _same),
    "StringNotEquals": (True, _same),
    "StringEqualsIgnoreCase": (False, _same_whatever_case),
    "StringNotEqualsIgnoreCase": (True, _same_whatever_case),
    "StringLike": (False, matches),
    "StringNotLike": (True, matches),
    "ArnEquals": (False, arn_matches),
    "ArnLike": (False, arn_matches),
    "ArnNotEquals": (True, arn_matches),
    "ArnNotLike": (True, arn_matches),
    "Bool": (False, _same_whatever_case),
    "NumericEquals": (False, _number(lambda found, wanted: found == wanted)),
    "NumericLessThan": (False, _number(lambda found, wanted: found < wanted)),
    "NumericLessThanEquals": (False, _number(lambda found, wanted: found <= wanted)),
    "NumericGreaterThan": (False, _number(lambda found, wanted: found > wanted)),
    "NumericGreaterThanEquals": (False, _number(lambda found, wanted: found >= wanted)),
}
