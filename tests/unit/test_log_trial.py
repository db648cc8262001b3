"""A skewed target is learnt as its logarithm only where rows that are held out are better predicted by it."""

import csv
import io
import random

import yaml

from cli.guess import model_text, proposed_model
from cli.guess.columns import profile
from cli.guess.log_trial import log_trial


def drafted(text: str) -> proposed_model.Draft:
    columns = profile(io.StringIO(text, newline=""), "data.csv")
    return proposed_model.draft(
        columns, "amount", trying=lambda goal: log_trial(io.StringIO(text, newline=""), columns, goal)
    )


def table(amount: str, rows: int = 1200) -> str:
    """Numbers, a category and a date beside an amount that grows by steps or by factors."""
    chance, text = random.Random(7), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["x", "kind", "day", "amount"])
    for _ in range(rows):
        x, kind = chance.uniform(0, 6), chance.choice("abcd")
        sure = 2.718 ** (x * 0.8 + "abcd".index(kind) * 0.5)
        noisy = {
            "by factors": sure * 2.718 ** chance.gauss(0, 0.6),
            "by steps": max(0.01, chance.gauss(0, 15)) + 100 * max(0, x - 4),
        }
        writer.writerow([f"{x:.3f}", kind, f"2024-03-{chance.randrange(1, 29):02}", f"{noisy[amount]:.2f}"])
    return text.getvalue()


def test_the_logarithm_is_taken_where_it_predicts_better_and_left_where_it_does_not() -> None:
    factors, steps = drafted(table("by factors")), drafted(table("by steps"))

    assert (factors.log, steps.log) == (True, False)
    for made, chosen in ((factors, "log"), (steps, "none")):
        (guess,) = (guess for guess in made.guesses if guess.what == "target_transform")
        assert guess.value == chosen
        assert "; R² on rows held out: " in guess.why
    assert "target_transform" not in yaml.safe_load(model_text.text("m", steps, "x"))["data"]


def test_of_few_rows_skew_alone_decides() -> None:
    made = drafted(table("by steps", rows=150))

    assert made.log
    assert {guess.value for guess in made.guesses if guess.what == "test rows"} == {"about 22"}
