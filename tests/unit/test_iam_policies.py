"""May a principal do this? By table, after AWS's pages on evaluation logic and condition operators."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.iam.policies import (
    AccessRequest,
    Limit,
    UnsupportedPolicy,
    arn_matches,
    boundary,
    condition_holds,
    decide,
    matches,
    statements,
)

ROLE = "arn:aws:iam::123456789012:role/worker"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/ledger"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:arrivals"


def allow(action: object = "dynamodb:GetItem", resource: object = TABLE, **more: object) -> dict:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


def deny(action: object = "dynamodb:*", resource: object = "*", **more: object) -> dict:
    return {"Statement": {"Effect": "Deny", "Action": action, "Resource": resource, **more}}


ASK = AccessRequest(ROLE, "dynamodb:GetItem", TABLE, {"aws:SourceAccount": ("123456789012",)})


@pytest.mark.parametrize(
    ("identity", "resource", "allowed"),
    [
        ([], [], False),
        ([allow()], [], True),
        ([allow("dynamodb:*")], [], True),
        ([allow("DYNAMODB:getitem")], [], True),
        ([allow("dynamodb:Get*", "*")], [], True),
        ([allow(["s3:GetObject", "dynamodb:GetItem"], [QUEUE, TABLE])], [], True),
        ([allow("dynamodb:PutItem")], [], False),
        ([allow(resource=TABLE + "/index/*")], [], False),
        ([allow(), deny()], [], False),
        ([deny(), allow()], [], False),
        ([allow()], [deny(Principal="*")], False),
        ([], [allow(Principal={"AWS": ROLE})], True),
        ([], [allow(Principal={"AWS": "arn:aws:iam::123456789012:root"})], False),
        ([], [allow(Principal={"Service": "events.amazonaws.com"})], False),
        ([allow(NotPrincipal={"AWS": ROLE})], [], True),  # an identity policy has no principal to look at
        ([{"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]}], [], True),
        ([{"Statement": [{"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"}]}], [], False),
        ([{"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": TABLE}]}], [], False),
        ([allow(Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}})], [], True),
        ([allow(Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}})], [], False),
        ([allow(Condition={"StringEquals": {"aws:sourceaccount": ["1", "123456789012"]}})], [], True),
        ([allow(Condition={"StringEquals": {"aws:SourceAccount": "123456789012", "aws:Else": "x"}})], [], False),
    ],
)
def test_an_explicit_deny_wins_then_one_allow_is_enough(identity: list, resource: list, allowed: bool) -> None:
    assert decide(ASK, identity, resource).allowed == allowed


USER = "arn:aws:iam::123456789012:user/ada"
NOT_BY_BOUNDARY = "because no permissions boundary allows the dynamodb:GetItem action"


@pytest.mark.parametrize(
    ("principal", "identity", "resource", "limits", "why"),
    [
        (ROLE, [allow()], [], [boundary(allow())], "an identity-based policy allows it"),
        (ROLE, [allow()], [], [boundary(allow("s3:*", "*"))], NOT_BY_BOUNDARY),
        (ROLE, [allow()], [], [boundary(allow(resource=TABLE + "-of-another"))], NOT_BY_BOUNDARY),
        (ROLE, [allow()], [], [boundary(deny())], "with an explicit deny in a permissions boundary"),
        (ROLE, [allow()], [], [boundary(None)], NOT_BY_BOUNDARY),  # the policy was deleted
        (ROLE, [], [], [boundary(allow())], "because no identity-based policy allows the dynamodb:GetItem action"),
        (ROLE, [], [allow(Principal={"AWS": ROLE})], [boundary(allow("s3:*", "*"))], NOT_BY_BOUNDARY),
        (ROLE, [], [allow(Principal="*")], [boundary(allow("s3:*", "*"))], NOT_BY_BOUNDARY),
        (USER, [], [allow(Principal={"AWS": USER})], [boundary(allow("s3:*", "*"))],
         "a resource-based policy allows it"),
        (USER, [], [allow(Principal={"AWS": USER})], [boundary(deny())],
         "with an explicit deny in a permissions boundary"),
        (ROLE, [allow()], [], [boundary(allow()), Limit("session policy", [allow("s3:*", "*")])],
         "because no session policy allows the dynamodb:GetItem action"),
        (ROLE, [allow()], [], [Limit("session policy", [allow("s3:*", "*"), allow()])],
         "an identity-based policy allows it"),
    ],
)  # fmt: skip
def test_a_limit_grants_nothing_and_bounds_what_others_grant(
    principal: str, identity: list, resource: list, limits: list, why: str
) -> None:
    assert decide(AccessRequest(principal, "dynamodb:GetItem", TABLE), identity, resource, limits).why == why


def test_a_service_needs_the_policy_of_what_it_reaches() -> None:
    ask = AccessRequest(
        "events.amazonaws.com", "sqs:SendMessage", QUEUE, {"aws:SourceArn": ("arn:aws:events:r:a:rule/mine",)}
    )
    policy = allow("sqs:SendMessage", QUEUE, Principal={"Service": "events.amazonaws.com"})
    only_mine = {"ArnEquals": {"aws:SourceArn": "arn:aws:events:r:a:rule/mine"}}
    another = {"ArnEquals": {"aws:SourceArn": "arn:aws:events:r:a:rule/another"}}

    assert not decide(ask, []).allowed
    assert decide(ask, [], [policy]).allowed
    assert decide(ask, [], [{"Statement": [{**policy["Statement"][0], "Condition": only_mine}]}]).allowed
    assert not decide(ask, [], [{"Statement": [{**policy["Statement"][0], "Condition": another}]}]).allowed


def test_the_answer_says_why() -> None:
    assert decide(ASK, []).why == "because no identity-based policy allows the dynamodb:GetItem action"
    assert decide(ASK, [deny()]).why == "with an explicit deny in an identity-based policy"
    assert decide(ASK, [], [deny(Principal="*")]).why == "with an explicit deny in a resource-based policy"


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        ("*", "", True),
        ("a*c", "abbc", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
        ("A*", "abc", False),
        ("arn:aws:s3:::b/[x]*", "arn:aws:s3:::b/[x]y", True),
    ],
)
def test_stars_are_any_run_and_question_marks_any_one(pattern: str, text: str, holds: bool) -> None:
    assert matches(pattern, text) == holds


@pytest.mark.parametrize(
    ("pattern", "arn", "holds"),
    [
        ("arn:aws:s3:::data/*", "arn:aws:s3:::data/a/b:c", True),
        ("arn:aws:s3:::data", "arn:aws:s3:::data/a", False),
        ("arn:aws:ecr:us-east-1:*:repository/sagemaker-*", "arn:aws:ecr:us-east-1:1:repository/sagemaker-x", True),
        ("arn:aws:ecr:*:repository/x", "arn:aws:ecr:us-east-1:1:repository/x", False),  # a star stays in its part
        ("*", "anything", True),
    ],
)
def test_a_star_of_an_arn_stays_in_its_part(pattern: str, arn: str, holds: bool) -> None:
    assert arn_matches(pattern, arn) == holds


CONTEXT = {"k": ("v",), "n": ("5",), "b": ("true",), "many": ("a", "b"), "arn": ("arn:aws:s3:::x",)}


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "holds"),
    [
        ("StringEquals", "k", ["v", "w"], True),
        ("StringEquals", "K", ["v"], True),
        ("StringEquals", "k", ["V"], False),
        ("StringEqualsIgnoreCase", "k", ["V"], True),
        ("StringNotEquals", "k", ["v", "w"], False),
        ("StringNotEquals", "absent", ["v"], True),
        ("StringEquals", "absent", ["v"], False),
        ("StringEqualsIfExists", "absent", ["v"], True),
        ("StringEqualsIfExists", "k", ["w"], False),
        ("StringLike", "k", ["?"], True),
        ("StringNotLike", "k", ["v*"], False),
        ("ArnLike", "arn", ["arn:aws:s3:::*"], True),
        ("ArnNotEquals", "arn", ["arn:aws:s3:::y"], True),
        ("Bool", "b", ["true"], True),
        ("Bool", "b", ["false"], False),
        ("Bool", "absent", ["false"], False),
        ("Null", "absent", ["true"], True),
        ("Null", "k", ["true"], False),
        ("Null", "k", ["false"], True),
        ("NumericLessThan", "n", ["6"], True),
        ("NumericGreaterThanEquals", "n", ["5"], True),
        ("NumericGreaterThan", "n", ["5"], False),
        ("ForAllValues:StringEquals", "many", ["a", "b", "c"], True),
        ("ForAllValues:StringEquals", "many", ["a"], False),
        ("ForAllValues:StringEquals", "absent", ["a"], True),
        ("ForAnyValue:StringEquals", "many", ["a"], True),
        ("ForAnyValue:StringEquals", "many", ["c"], False),
        ("ForAnyValue:StringEquals", "absent", ["a"], False),
    ],
)
def test_each_operator_says_what_aws_says(operator: str, key: str, wanted: list[str], holds: bool) -> None:
    assert condition_holds(operator, key, wanted, CONTEXT) == holds


@pytest.mark.parametrize("operator", ["IpAddress", "DateLessThan", "StringEqual", "ForSomeValues:StringEquals"])
def test_what_is_not_understood_is_neither_yes_nor_no(operator: str) -> None:
    with pytest.raises(UnsupportedPolicy):
        condition_holds(operator, "k", ["v"], CONTEXT)


def test_a_principal_turned_round_is_not_guessed_at() -> None:
    with pytest.raises(UnsupportedPolicy):
        decide(ASK, [], [allow(NotPrincipal={"AWS": ROLE})])


texts = st.text(string.ascii_letters + ":/-_.[]()+$^\\", max_size=20)
actions = st.sampled_from(["dynamodb:GetItem", "dynamodb:*", "s3:GetObject", "*", "dynamodb:Put*"])
resources = st.sampled_from([TABLE, "*", QUEUE, "arn:aws:dynamodb:*:*:table/*"])
documents = st.lists(
    st.builds(
        lambda effect, action, resource: {
            "Statement": [{"Effect": effect, "Action": action, "Resource": resource, "Principal": "*"}]
        },
        st.sampled_from(["Allow", "Deny"]),
        actions,
        resources,
    ),
    max_size=4,
)


@given(texts)
def test_a_text_matches_itself_and_a_star(text: str) -> None:
    assert matches(text, text)
    assert matches("*", text)
    assert matches(text + "*", text)


@given(texts, texts)
def test_a_star_takes_any_middle(head: str, middle: str) -> None:
    assert matches(f"{head}*{head}", f"{head}{middle}{head}")


@given(documents, documents)
def test_a_deny_more_never_permits_more(identity: list, resource: list) -> None:
    before = decide(ASK, identity, resource).allowed

    assert not decide(ASK, [*identity, deny("*")], resource).allowed
    assert not decide(ASK, identity, [*resource, deny("*", Principal="*")]).allowed
    assert decide(ASK, [*identity, deny("s3:*")], resource).allowed == before


@given(documents, documents)
def test_the_order_of_policies_means_nothing(identity: list, resource: list) -> None:
    assert decide(ASK, identity, resource).allowed == decide(ASK, identity[::-1], resource[::-1]).allowed


@given(documents)
def test_without_an_allow_nothing_is_allowed(found: list) -> None:
    denials = [one for one in found if statements(one)[0]["Effect"] == "Deny"]

    assert not decide(ASK, denials, denials).allowed


INCOMING = "arn:aws:s3:::data/incoming/${aws:PrincipalTag/retrain-model}/*"


@pytest.mark.parametrize(
    ("tag", "key", "allowed"),
    [
        ("churn", "incoming/churn/may.csv", True),
        ("churn", "incoming/house-price/may.csv", False),
        ("*", "incoming/churn/may.csv", False),  # a value means itself
        ("chur?", "incoming/churn/may.csv", False),
        ("*", "incoming/*/may.csv", True),
        (None, "incoming/churn/may.csv", False),  # without a value the statement speaks of nothing
        (None, "incoming//may.csv", False),
    ],
)
def test_a_variable_stands_for_what_the_request_says(tag: str | None, key: str, allowed: bool) -> None:
    context = {} if tag is None else {"aws:PrincipalTag/retrain-model": (tag,)}
    ask = AccessRequest(ROLE, "s3:PutObject", f"arn:aws:s3:::data/{key}", context)

    assert decide(ask, [allow("s3:PutObject", INCOMING)]).allowed is allowed


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "holds"),
    [
        ("StringEquals", "${aws:PrincipalTag/team}", "a*", True),
        ("StringLike", "${aws:PrincipalTag/team}", "abc", False),
        ("StringLike", "${aws:PrincipalTag/team}-${*}", "a*-*", True),
        ("StringLike", "${aws:PrincipalTag/none, 'other'}", "other", True),
        ("StringEquals", "${$}{x}", "${x}", True),
    ],
)
def test_variables_in_conditions_stand_for_themselves_too(operator: str, wanted: str, found: str, holds: bool) -> None:
    context = {"aws:PrincipalTag/team": ("a*",), "s3:prefix": (found,)}
    asked = AccessRequest(ROLE, "s3:ListBucket", "arn:aws:s3:::data", context)
    policy = allow("s3:ListBucket", "*", Condition={operator: {"s3:prefix": wanted}})

    assert decide(asked, [policy]).allowed is holds
