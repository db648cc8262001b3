"""The gate against the champion keeps its word, by simulation with its own code."""

from typing import Any

import pytest
import yaml
from evaluation import comparison
from evaluation.comparison import NotWorse

from benchmarks.watching.champion_gate import METRIC, Gate, Shares, gate_of, retrained, shares, truly_better
from cli.guess import model_text

WORSE, BETTER = 0.025, 0.8  # at most so many retrainings may be truly worse and pass; at least so many better ones do
DRAWS = 60  # for each interval, of the 500 that evaluation makes, so that the tests are quick
STRICT = NotWorse(METRIC, 0.0, likely=True)  # what a model file with a tolerance of 0 gets


def written_by_retrain_new() -> NotWorse:
    """Read the rule that a model file of `retrain new` gets."""
    gate: dict[str, Any] = yaml.safe_load("\n".join(model_text.gate("binary_classification")))
    [rule] = comparison.rules_from(gate["gate"])
    return rule


def mixed(gate: Gate, tolerance: float, held_out: int = 300) -> Shares:
    """Retrain with challengers and champions of which many learnt from few rows."""
    return shares(list(retrained(gate, 400, learnt=1_000, held_out=held_out, seed=1)), tolerance)


def power(gate: Gate, held_out: int = 300) -> float:
    """Count which share of models that are truly better by two deviations passes."""
    return shares(list(truly_better(gate, 400, held_out, seed=3)), 0.0).passed


@pytest.mark.parametrize("held_out", [300, 1_000])
def test_of_400_retrainings_hardly_one_replaces_the_champion_by_a_truly_worse_model_by_the_rule_of_retrain_new(
    held_out: int,
) -> None:
    rule = written_by_retrain_new()
    found = mixed(gate_of(rule, DRAWS), rule.tolerance, held_out)

    assert found.worse > 0.25  # the gate is tried
    assert found.passed_though_worse <= WORSE
    assert found.passed > 0.5  # it does not keep its word by keeping everybody out
    assert found.better > 0.1
    assert found.passed_and_better >= BETTER * found.better


def test_by_the_rule_of_retrain_new_at_least_four_of_five_pass_that_are_truly_better_by_two_deviations() -> None:
    assert power(gate_of(written_by_retrain_new(), DRAWS)) >= BETTER


def test_equals_pass_more_often_than_not_by_the_rule_of_retrain_new_and_are_not_worse() -> None:
    rule = written_by_retrain_new()
    found = shares(list(retrained(gate_of(rule, DRAWS), 120, 1_500, 300, seed=1, poor=0)), rule.tolerance)

    assert found.passed > 0.8
    assert found.passed_though_worse == 0


def test_a_gate_that_lets_everybody_through_breaks_the_bound() -> None:
    assert mixed(lambda *_: True, 0.02).passed_though_worse > 4 * WORSE


def test_a_gate_that_lets_nobody_through_has_no_power() -> None:
    found = mixed(lambda *_: False, 0.02)

    assert found.better > 0.1
    assert found.passed_and_better == power(lambda *_: False) == 0.0


def test_without_a_tolerance_both_promises_hold_with_ten_times_as_many_rows_held_out_as_learnt_from() -> None:
    found = shares(list(retrained(gate_of(STRICT, DRAWS), 400, 300, 3_000, seed=1, poor=0)), 0.0)

    assert found.worse > 0.5
    assert found.passed_though_worse <= WORSE
    assert power(gate_of(STRICT, DRAWS), held_out=3_000) >= BETTER


def test_without_a_tolerance_chance_replaces_the_champion_seldom_and_gains_of_two_deviations_pass() -> None:
    by_chance, seldom = (
        shares(list(retrained(gate_of(rule, DRAWS), 120, 1_000, 300, seed=1, poor=0)), 0.0)
        for rule in (NotWorse(METRIC, 0.0), STRICT)
    )

    assert seldom.passed_though_worse < by_chance.passed_though_worse / 2
    assert power(gate_of(STRICT, DRAWS)) >= BETTER
