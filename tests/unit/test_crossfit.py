"""Where a level stands for a training row does not depend on that row's own answer, unless the level has evidence."""

from pathlib import Path

import numpy as np
import preprocess
import pytest
from data import crossfit, tables
from data.column_rules import Settings
from data.parts import Part, read_parts
from data.splitting import splits
from features.features import CategoryColumn, Features
from job.refusals import Refused
from numpy.typing import NDArray


def model(columns: dict[str, str], one_hot_levels: int = 0) -> Settings:
    return Settings.parse({
        "name": "m", "task": "regression", "algorithms": [{"name": "xgboost"}], "data": {
            "target": "y", "missing": [], "without_target": "refuse", "id": "id", "columns": columns,
        }, "preprocessing": {"one_hot_levels": one_hot_levels},
        "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": ""},
    })  # fmt: skip


def prepared(folder: Path, levels: int, rows: int) -> tuple[list[Part], Features, Settings]:
    rng = np.random.default_rng(1)
    lines = [f"r{at},l{rng.integers(levels):03},{rng.normal():.3f}" for at in range(rows)]
    (folder / "a.csv").write_text("id,shop,y\n" + "\n".join(lines) + "\n")
    settings = model({"shop": "category"})
    parts = read_parts(tables.sources(folder), settings)
    return parts, preprocess.fit(parts, settings), settings


def test_small_levels_are_placed_by_the_other_folds_alone(tmp_path: Path) -> None:
    parts, features, settings = prepared(tmp_path, levels=40, rows=800)
    before = crossfit.places(parts, features, settings)["shop"]

    train = parts[0].chosen(splits.TRAIN)
    row = int(np.flatnonzero(train)[0])
    fold = int(crossfit.folds(parts[0])[row])
    (column,) = features.columns
    assert isinstance(column, CategoryColumn)
    place = int(column.number(parts[0].table.columns["shop"].distinct[parts[0].table.columns["shop"].codes[row]]))
    counts = crossfit.level_counts("shop", parts, settings)
    own = counts.levels.index(list(column.levels)[place])
    others = counts.totals[own].sum() - counts.totals[own, fold], counts.rows[own].sum() - counts.rows[own, fold]
    mean = (counts.totals.sum() - counts.totals[:, fold].sum()) / (counts.rows.sum() - counts.rows[:, fold].sum())
    expected = (others[0] + 10 * mean) / (others[1] + 10)
    served = [
        (counts.totals[at].sum() + 10 * counts.totals.sum() / counts.rows.sum()) / (counts.rows[at].sum() + 10)
        for at in map(counts.levels.index, column.levels)
    ]

    assert before[place, fold] == round(float(np.interp(expected, served, range(len(served)))))


def test_levels_with_evidence_stand_where_serving_has_them(tmp_path: Path) -> None:
    parts, features, settings = prepared(tmp_path, levels=4, rows=800)

    assert crossfit.places(parts, features, settings) == {}


def test_levels_with_many_rows_but_few_of_a_rare_answer_are_placed_by_the_other_folds(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    lines = [f"r{at},l{rng.integers(20):02},{int(rng.random() < 0.01)}" for at in range(6_000)]
    (tmp_path / "a.csv").write_text("id,shop,y\n" + "\n".join(lines) + "\n")
    settings = model({"shop": "category"})
    parts = read_parts(tables.sources(tmp_path), settings)

    places = crossfit.places(parts, preprocess.fit(parts, settings), settings)["shop"]

    assert (np.ptp(places, axis=1) > 0).sum() > 10


@pytest.mark.parametrize("seed", range(5))
def test_levels_that_say_nothing_of_a_rare_answer_do_not_tell_it_to_training_rows(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    lines = [f"r{at},l{rng.integers(300):03},{int(rng.random() < 0.004)}" for at in range(40_000)]
    (tmp_path / "a.csv").write_text("id,shop,y\n" + "\n".join(lines) + "\n")
    settings = model({"shop": "category"})
    (part,) = parts = read_parts(tables.sources(tmp_path), settings)

    features = preprocess.fit(parts, settings)
    moved, (column,) = crossfit.places(parts, features, settings)["shop"], features.columns
    assert isinstance(column, CategoryColumn)
    train, texts = part.chosen(splits.TRAIN), part.table.columns["shop"]
    served = np.array([column.number(text) for text in texts.distinct])
    codes, read = crossfit.rows_of(texts, served, moved, part)
    yes = part.answers[train] > 0

    assert abs(auc(yes, read[codes[train]]) - 0.5) < 0.15  # what chance does with a hundred
    assert auc(yes, served[texts.codes[train]]) > 0.7  # what serving's places know by heart


def auc(yes: NDArray[np.bool_], numbers: NDArray[np.float64]) -> float:
    """How often a number beside yes is above one beside no."""
    above = (numbers[yes][:, None] > numbers[~yes][None]).mean()
    return float(above + (numbers[yes][:, None] == numbers[~yes][None]).mean() / 2)


def test_training_rows_read_the_places_of_their_fold_and_validation_rows_those_of_serving(tmp_path: Path) -> None:
    parts, features, settings = prepared(tmp_path, levels=60, rows=900)
    (column,) = features.columns
    (part,) = parts
    numbers = {"shop": np.array([column.number(text) for text in part.table.columns["shop"].distinct])}

    plain = preprocess.texts_of(part, features, numbers, "ordinal")
    places = crossfit.places(parts, features, settings)
    learnt = preprocess.out_of_fold(plain, part, numbers, places)["shop"]

    codes, folds = part.table.columns["shop"].codes, crossfit.folds(part)
    every = np.ones(900, bool)
    wanted = [
        "nan" if np.isnan(place := numbers["shop"][code]) else f"{places['shop'][int(place), fold]:g}"
        for code, fold in zip(codes, folds, strict=True)
    ]
    assert learnt.rows(every).tolist() == wanted
    assert plain["shop"].rows(every).tolist() != wanted


def test_where_no_column_has_anything_to_learn_from_that_is_said(tmp_path: Path) -> None:
    few = [f"r{at},l{at},{at % 7}" for at in range(60)]
    (tmp_path / "a.csv").write_text("id,shop,y\n" + "\n".join(few) + "\n")
    settings = model({"shop": "category"}, one_hot_levels=10)
    parts = read_parts(tables.sources(tmp_path), settings)

    with pytest.raises(Refused, match="nothing can be learnt from 'shop': no level has 5 rows for training"):
        preprocess.fit(parts, settings)
