"""The gate against the champion keeps its word, by simulation with its own code."""

import pytest
from evaluation.comparison import NotWorse

from benchmarks.watching import champion_gate
from benchmarks.watching.champion_gate import METRIC, retrained, shares, truly_better

RULE = NotWorse(METRIC, 0.02)


def test_of_400_retrainings_hardly_one_replaces_the_champion_by_a_truly_worse_model() -> None:
    found = shares(list(retrained(RULE, 400, learnt=1_000, held_out=300, seed=1)), RULE.tolerance)

    assert found.passed_though_worse <= 0.025
    assert found.passed > 0.5  # the gate does not keep its word by keeping everybody out


def test_of_models_that_are_truly_better_by_two_deviations_at_least_four_of_five_pass() -> None:
    strictest = NotWorse(METRIC, 0.0)

    assert shares(list(truly_better(strictest, 400, held_out=300, seed=3)), 0.0).passed >= 0.8


def test_a_gate_without_a_tolerance_lets_chance_replace_the_champion_seldom_and_gains_of_two_deviations_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(champion_gate, "DRAWS", 60)
    observed, likely = NotWorse(METRIC, 0.0), NotWorse(METRIC, 0.0, likely=True)
    by_chance, seldom = (
        shares(list(retrained(rule, 120, learnt=1_000, held_out=300, seed=1)), 0.0) for rule in (observed, likely)
    )

    assert seldom.passed_though_worse < by_chance.passed_though_worse / 2
    assert shares(list(truly_better(likely, 200, held_out=300, seed=3)), 0.0).passed >= 0.8
