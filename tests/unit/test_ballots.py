"""Whose yes counts, and how many are enough."""

import pytest
from app.decide.approval.ballots import LINK, REGISTRY, Ballot, ReviewRule, Voice, count_text, is_same_person
from app.errors import NotCounted
from hypothesis import given
from hypothesis import strategies as st

ADA, GRACE, KIM = "ada@example.org", "Grace@example.org", "kim@example.org"
RULE = ReviewRule("churn", (ADA, GRACE, KIM), 2, not_starter=True)
PLAN = {"review": {"reviewers": [ADA, GRACE], "needed": 2, "not_by": "starter"}}


def voice(reviewer: str, approve: bool = True, way: str = LINK, reason: str = "") -> Voice:
    return Voice(reviewer, approve, reason, reviewer, way, "2026-03-14T10:00:00.000Z")


def after(*voices: Voice, needed: int = 2) -> Ballot:
    ballot = Ballot()
    for one in voices:
        ballot = ballot.said(one, needed)
    return ballot


@pytest.mark.parametrize(
    ("voices", "outcome"),
    [
        ([voice(ADA)], ""),
        ([voice(ADA), voice(ADA)], ""),
        ([voice(ADA), voice(GRACE)], "Approved"),
        ([voice(ADA), voice(GRACE, approve=False)], "Rejected"),
        ([voice(ADA), voice(GRACE, approve=False), voice(KIM)], "Rejected"),
        ([voice(ADA), voice(GRACE), voice(KIM, approve=False)], "Approved"),
    ],
)
def test_as_many_reviewers_as_are_needed_approve_and_one_no_stops(voices: list[Voice], outcome: str) -> None:
    assert after(*voices).outcome == outcome


def test_after_a_rejection_that_the_registry_heard_all_begins_anew_and_one_that_it_did_not_hear_stands() -> None:
    rejected = after(voice(ADA), voice(GRACE, approve=False))

    assert rejected.set_in_registry(voice(KIM, way=REGISTRY), 2) == rejected
    again = rejected.rejected().set_in_registry(voice(KIM, way=REGISTRY), 2)
    assert (again.reviewers, again.outcome) == ((KIM,), "")


@given(st.lists(st.tuples(st.sampled_from([ADA, GRACE, KIM]), st.booleans()), max_size=8), st.integers(1, 3))
def test_a_version_is_approved_if_enough_said_yes_before_anybody_said_no(
    said: list[tuple[str, bool]], needed: int
) -> None:
    before_no = []
    for reviewer, approve in said:
        if not approve:
            break
        before_no.append(reviewer)

    approved = after(*(voice(*one) for one in said), needed=needed).outcome == "Approved"

    assert approved == (len(set(before_no)) >= needed)


@pytest.mark.parametrize("name", ["", " ", "mallory", "mallory@example.org", "ada@example.com", "example.org"])
def test_who_is_none_of_the_reviewers_counts_for_nothing(name: str) -> None:
    with pytest.raises(NotCounted, match="is none of the reviewers in models/churn"):
        RULE.reviewer(name, ())


@pytest.mark.parametrize("starter", ["ada", "ADA", "ada@example.org", " Ada@Example.org"])
def test_who_started_the_run_does_not_count_under_any_of_their_names(starter: str) -> None:
    with pytest.raises(NotCounted, match=r"ada@example\.org started this run"):
        RULE.reviewer("ada", [starter])
    assert RULE.reviewer("grace", [starter]) == GRACE
    assert RULE._replace(not_starter=False).reviewer("ada", [starter]) == ADA


@pytest.mark.parametrize(
    ("name", "same"), [("ada", True), ("Ada@Example.Org", True), ("ada@evil.test", False), ("", False), ("ad", False)]
)
def test_a_name_without_an_at_is_what_stands_before_an_addresss(name: str, same: bool) -> None:
    assert is_same_person(name, ADA) is same


def test_the_rule_is_the_plans_and_a_model_that_approves_itself_asks_nobody() -> None:
    assert ReviewRule.of("churn", PLAN) == ReviewRule("churn", (ADA, GRACE), 2, True)
    assert not ReviewRule.of("churn", PLAN | {"automatic": True}).counts
    assert not ReviewRule.of("churn", {"deadline_s": 60}).counts
    assert not ReviewRule.of("churn", None).counts
    assert not ReviewRule.of("churn", {"review": {"reviewers": [ADA], "needed": 1, "not_by": ""}}).counts


def test_how_many_said_yes_and_why_is_one_line() -> None:
    ballot = after(voice(ADA, reason="better\nrecall"), voice(GRACE))

    assert count_text(ballot, RULE) == f"2 of 2 yes ({ADA}, {GRACE})"
    assert ballot.reasons == f"{ADA}: better\\nrecall"
    assert count_text(Ballot(), RULE) == "0 of 2 yes"
