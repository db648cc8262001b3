"""A model that learns anew at each cut: who may ask for one, what is learnt, and what is said."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from artifact.answers import ValueAnswer, answer_from
from artifact.predictors import Boosted, Estimated
from data.holdouts import HeldOut
from evaluation.over_time import learnt_anew
from evaluation.rows import Rows
from report import page
from sample_evaluation import document
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from spoilt import problems_of

RNG = np.random.default_rng(3)
NUMBERS = RNG.normal(size=(400, 2)).astype(np.float32)
ANSWERS = NUMBERS[:, 0] * 3.0
NOBODY = Rows(np.zeros(3), np.zeros(3), np.zeros(3))
BINARY = {"task": "binary_classification", "positive_label": "yes", "negative_label": "no"}
SPLIT = {"split": {"by": "day", "cuts": 2}, "task": "regression", "data": {"missing": [], "columns": {}}}


def aged(predictor: Any, answer: Any = None) -> learnt_anew.Aged:
    return learnt_anew.Aged(NOBODY, predictor, answer or ValueAnswer(), {})


def held_out(folder: Path) -> HeldOut:
    (folder / "algo-1.csv").write_text("x,y\n1,2\n1,3\n1,4\n")
    return HeldOut(folder)


def test_a_forest_learns_anew_as_a_forest_with_the_same_settings_and_leaves_the_old_one_alone() -> None:
    old = Estimated(RandomForestRegressor(n_estimators=7, random_state=1).fit(NUMBERS, -ANSWERS))

    new = learnt_anew.learnt_anew(aged(old), NUMBERS, ANSWERS)

    plain = RandomForestRegressor(n_estimators=7, random_state=1).fit(NUMBERS, ANSWERS)
    assert new(NUMBERS).tolist() == plain.predict(NUMBERS).tolist()
    assert np.corrcoef(old(NUMBERS), ANSWERS)[0, 1] < -0.9


def test_labels_of_a_scikit_learn_model_stay_probabilities() -> None:
    labels = (ANSWERS > 0).astype(float)
    old = Estimated(HistGradientBoostingClassifier(max_iter=5).fit(NUMBERS, 1 - labels), 2)

    new = learnt_anew.learnt_anew(aged(old, answer_from(BINARY)), NUMBERS, labels)

    said = learnt_anew.answered(answer_from(BINARY), new(NUMBERS), labels)
    plain = HistGradientBoostingClassifier(max_iter=5).fit(NUMBERS, labels)
    assert said.score == pytest.approx(plain.predict_proba(NUMBERS)[:, 1], abs=1e-6)
    assert (said.predicted == labels).mean() > 0.95


def test_what_cannot_be_learnt_in_a_period_is_said_and_fails_nothing(tmp_path: Path) -> None:
    class Picky:
        def get_params(self, deep: bool = True) -> dict[str, Any]:
            return {}

        def fit(self, *_: Any) -> "Picky":
            raise ValueError("only one class\nis here")

    cuts = tmp_path / "cuts"
    for at in (0, 1):
        (cuts / str(at)).mkdir(parents=True)
        np.savez(cuts / str(at) / "algo-1.npz", learnt=NUMBERS, answers=ANSWERS, questions=NUMBERS[: 2 - at])
    (cuts / "cuts.json").write_text('{"begins": ["2026-01-01", "2026-02-01"]}')
    np.save(cuts / "algo-1.npy", np.array([0, 1, 0]))
    model = learnt_anew.Aged(Rows(*[np.array([2.0, 3, 4])] * 3), Estimated(Picky()), ValueAnswer(), {})

    found = learnt_anew.documents(SPLIT, held_out(tmp_path), model, 7)

    assert [period["anew"] for period in found["periods"]] == [{"learnt": 400, "reason": "is here"}] * 2
    assert found["rolling"] == {"trainings": 2}
    html = page.render(document(task="regression", **found))
    assert "is here" in html


def test_a_script_that_leaves_no_cuts_is_told_of_in_the_report(tmp_path: Path) -> None:
    found = learnt_anew.documents(SPLIT, held_out(tmp_path), aged(Boosted(None)), 7)

    assert found["rolling"]["trainings"] == 0
    assert "No rolling evaluation: preprocessing left no cuts" in page.render(document(task="regression", **found))


def test_no_moment_is_named_where_data_are_sensitive(tmp_path: Path) -> None:
    cuts = tmp_path / "cuts"
    (cuts / "0").mkdir(parents=True)
    np.savez(cuts / "0" / "algo-1.npz", learnt=NUMBERS, answers=ANSWERS, questions=NUMBERS[:3])
    (cuts / "cuts.json").write_text('{"begins": ["2026-01-01"]}')
    np.save(cuts / "algo-1.npy", np.zeros(3, int))
    model = learnt_anew.Aged(Rows(*[np.array([2.0, 3, 4])] * 3), Estimated(RandomForestRegressor(2)), ValueAnswer(), {})
    config = SPLIT | {"data": {"missing": [], "columns": {}, "sensitive": True}}

    found = learnt_anew.documents(config, held_out(tmp_path), model, 7)

    assert "from" not in found["periods"][0]
    assert "2026-" not in page.render(document(task="regression", lineage={}, **found))


def test_cuts_need_a_column_of_time_and_stand_in_the_place_of_periods(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, "grades", ("salt: grades}", "salt: grades, cuts: 3}"))
    assert problem.where == "split.cuts"
    assert "name the column of time: by: COLUMN" in str(problem)

    [twice] = problems_of(tmp_path, "grades", ("salt: grades}", "salt: grades, by: x, cuts: 3, periods: 4}"))
    assert twice.where == "split.periods"
    assert "keep one of them" in str(twice)


def test_who_is_trained_in_a_container_of_awss_own_cannot_learn_anew_in_evaluation(tmp_path: Path) -> None:
    split = "salt: california-housing"
    problems = problems_of(tmp_path, "california-housing", (split, f"by: median_income, cuts: 3, {split}"))

    [problem] = [problem for problem in problems if problem.where == "split.cuts"]
    assert "knn cannot learn anew" in str(problem)
    assert "write periods, which trains nothing, or use xgboost, sklearn, forest" in str(problem)


@pytest.mark.parametrize("name", ["xgboost", "sklearn", "forest"])
def test_every_algorithm_that_carries_our_code_may_be_learnt_anew(tmp_path: Path, name: str) -> None:
    changes = [("salt: grades}", "salt: grades, by: x, cuts: 3}")]
    if name != "xgboost":
        changes += [("name: xgboost", f"name: {name}"), ("objective: multi:softprob", "n_estimators: 9"),
                    ("      eval_metric: mlogloss\n      num_round: 200\n      early_stopping_rounds: 20\n", ""),
                    ("      eta: 0.1\n      tree_method: hist\n", "")]  # fmt: skip
    assert problems_of(tmp_path, "grades", *changes) == []
