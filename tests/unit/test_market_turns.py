"""The market that turns: seeded, with customers that stay who they are; and how quality over time is told."""

import pytest

from cli.demo.oracle import Oracle
from cli.demo.turning import POLICY
from cli.demo_data.market import Market, asked
from cli.show.turn_report import AskedWindow, Found, Happening, happening_line, window_line
from cli.typed_words import filled_in
from pipelines.model import model_file

MARKET = Market(7, 2_000, 3)


def test_the_same_seed_makes_the_same_market_and_no_customer_comes_twice() -> None:
    again, ids = Market(7, 2_000, 3), [MARKET.window(number)["customerID"].tolist() for number in range(4)]

    assert [again.window(number)["customerID"].tolist() for number in range(4)] == ids
    assert again.window(2)["Churn"].tolist() == MARKET.window(2)["Churn"].tolist()
    assert Market(8, 2_000, 3).window(2)["Churn"].tolist() != MARKET.window(2)["Churn"].tolist()
    assert [len(one) for one in ids] == [2_000, 1_000, 1_000, 1_000]
    assert len({one for window in ids for one in window}) == 5_000


def test_a_market_that_turns_has_the_customers_it_would_have_and_loses_others_of_them() -> None:
    steady = Market(7, 2_000, None)
    turned, same = MARKET.window(3), steady.window(3)

    assert {name: texts.tolist() for name, texts in asked(turned).items()} == {
        name: texts.tolist() for name, texts in asked(same).items()
    }
    assert MARKET.window(2)["Churn"].tolist() == steady.window(2)["Churn"].tolist()
    assert sum(turned["Churn"] != same["Churn"]) > 200
    assert abs(sum(turned["Churn"] == "Yes") - sum(same["Churn"] == "Yes")) < 60


def test_what_was_learnt_before_says_little_of_a_turned_market_and_what_is_learnt_anew_says_as_much_as_before() -> None:
    model = model_file.load(model_file.path_of("churn"))
    before, after = Oracle(model, [MARKET.window(0)]), Oracle(model, [MARKET.window(3), MARKET.window(4)])

    assert before.roc_auc(MARKET.window(1)) > 0.8
    assert before.roc_auc(MARKET.window(5)) < 0.6
    assert after.roc_auc(MARKET.window(5)) > 0.8


def test_truths_are_of_the_windows_that_are_asked_for_in_order() -> None:
    found = MARKET.truths(1, 2)

    assert list(found) == ["customerID", "Churn"]
    assert found["customerID"].tolist() == [
        *MARKET.window(1)["customerID"].tolist(), *MARKET.window(2)["customerID"].tolist(),
    ]  # fmt: skip


def test_a_window_is_a_line_with_its_interval_drawn() -> None:
    window = AskedWindow(4, True, 2_500, 2, 0.65, 0.6, 0.7, 0.66)

    assert window_line(window).split() == ["4", "2,500", "v2", "0.650", "(0.600", "to", "0.700)", "────●───", "0.660"]


def healed(value: float, *runs: str, turns_at: int | None = 3) -> Found:
    windows = [AskedWindow(1, False, 100, 1, 0.5, 0.4, 0.6, None), AskedWindow(2, True, 100, 2, value, 0.7, 0.9, 0.8)]
    return Found(turns_at, windows if turns_at else windows[:1], [{"run": run} for run in runs])


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (healed(0.793, "a"), "healed"),
        (healed(0.791, "a"), "fallen"),
        (healed(0.85, "a", "b"), "fallen"),
        (healed(0.85), "fallen"),
        (healed(0, turns_at=None), "steady"),
        (healed(0, "a", turns_at=None), "fallen"),
        (Found(3, [], [{"run": "a"}]), "fallen"),
    ],
)
def test_healed_is_one_run_and_a_hundredth_less_than_the_oracle_at_most(found: Found, what: str) -> None:
    assert found.what == what


def test_what_it_came_to_is_said_with_both_figures_and_the_runs() -> None:
    assert healed(0.793, "a").said == "ROC-AUC 0.793, where the oracle has 0.800; quality and drift began 1 run"
    assert healed(0, turns_at=None).said == "quality and drift began 0 runs in 1 windows"


def test_what_lies_beyond_the_chart_is_drawn_at_its_edge() -> None:
    assert "●" in window_line(AskedWindow(1, False, 100, 1, 0.1, 0.05, 0.2, None))
    assert window_line(AskedWindow(1, False, 100, 1, 0.99, 0.98, 1.0, None)).endswith("●")


def test_what_happened_is_a_line() -> None:
    assert happening_line(Happening("noticed", "quality", 3, 1.0)) == "✓ noticed   quality"
    assert happening_line(Happening("fallen", "it never healed", 9, 1.0)) == "✗ fallen    it never healed"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["churn", "--rot"], ["churn", "--rot", "turns"]),
        (["--rot", "churn", "--json"], ["--rot", "turns", "churn", "--json"]),
        (["churn", "--rot", "none"], ["churn", "--rot", "none"]),
        (["churn", "--rot=none", "--yes"], ["churn", "--rot=none", "--yes"]),
        ([], []),
    ],
)
def test_a_value_that_was_left_out_is_the_usual_one(words: list[str], meant: list[str]) -> None:
    assert filled_in(words) == meant


def test_the_policy_that_is_played_is_one_that_a_model_file_may_have_once() -> None:
    path = model_file.path_of("churn")

    assert model_file.load(path, POLICY)["retrain"]["on_quality"]["metric"] == "roc_auc"
    assert "retrain" not in model_file.load(path)
    assert ["'retrain' is there twice" in str(problem) for problem in model_file.problems(path, POLICY * 2)] == [True]
