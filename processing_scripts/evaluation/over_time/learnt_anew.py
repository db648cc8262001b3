"""A rolling evaluation: before each period of the test rows a model of the same kind learns anew, from all rows before
it, with the hyperparameters and the number of rounds that this run's model has; and is measured in that period alone.

It says how the procedure does over time, beside the one model that ages: nothing that lies after a cut was known when
a model learnt before it. What an answer means (a threshold, a calibration, a log target's factor) is what it means of
this run's model. Nothing decides by it, and what cannot be learnt in one period fails no run.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from artifact.answers import Answer, ClassesAnswer
from artifact.predictors import Predictor
from data.holdouts import HeldOut
from data.splitting.rolling import FOLDER, Cut, Cuts
from numpy.typing import NDArray

from evaluation import answer_fitting, intervals
from evaluation.comparison import differences, or_null
from evaluation.over_time.periods import measured
from evaluation.rows import Floats, Rows

NO_CUTS = "preprocessing left no cuts: a script of one's own has to write them, as preprocess.py does"


class Aged(NamedTuple):
    """This run's model: what it answers to the test rows, how, and with which hyperparameters it was trained."""

    rows: Rows
    predictor: Any  # None where only answers are known
    answer: Answer
    used: Mapping[str, Any]


def documents(config: Mapping[str, Any], test: HeldOut, aged: Aged, seed: int) -> dict[str, Any]:
    """Word the periods as JSON, each with this run's model and with one that learnt anew before it, and below
    ``rolling`` both over all of them; nothing where the model file asks for none.
    """
    split = config.get("split", {})
    if not split.get("cuts") or not split.get("by"):
        return {}
    cuts = Cuts(test.folder / FOLDER, [path.stem for path in test.paths])
    if not cuts.begins or aged.predictor is None:
        return {"rolling": {"trainings": 0, "reason": NO_CUTS}}
    task, periods, started = config["task"], cuts.periods(), time.process_time()
    listed, anew = [], []
    for at, begins in enumerate(cuts.begins):
        cut, here = cuts.read(at), periods == at
        rows, document = _anew(aged, cut, aged.rows.at(here), task, seed)
        named = {} if config["data"].get("sensitive") else {"from": begins}
        listed.append(
            named | measured(task, aged.rows.at(here), seed) | {"anew": {"learnt": len(cut.answers)} | document}
        )
        anew.append((np.flatnonzero(here), rows))
    took = f"{time.process_time() - started:.1f} s of processor time"
    print(f"{len(listed)} trainings for the rolling evaluation: {took}", file=sys.stderr)
    return {"periods": listed, "rolling": {"trainings": len(listed)} | _over_all(task, aged.rows, anew, seed)}


def _anew(aged: Aged, cut: Cut, here: Rows, task: str, seed: int) -> tuple[Rows | None, dict[str, Any]]:
    """Learn anew, and measure in the period; or say why nothing could be learnt."""
    try:
        predictions = learnt_anew(aged, cut.learnt, cut.answers)(cut.questions)
    except ValueError as error:  # of both libraries, where rows or settings do not do
        return None, {"reason": str(error).strip().splitlines()[-1][:200]}
    rows = answered(aged.answer, predictions, here.actual)
    return rows, {"metrics": measured(task, rows, seed)["metrics"]}


def learnt_anew(aged: Aged, numbers: NDArray[np.float32], answers: Floats) -> Predictor:
    """Train a model of the same kind on other rows."""
    predictor = aged.predictor
    if getattr(predictor, "booster", None) is not None:
        classes = {"num_class": len(aged.answer.classes)} if isinstance(aged.answer, ClassesAnswer) else {}
        other = answer_fitting.boosted_as(predictor.booster, numbers, answers, {**aged.used, **classes})
        boosted: Predictor = replace(predictor, booster=other)
        return boosted
    from sklearn.base import clone  # in its own image only

    estimated: Predictor = replace(predictor, estimator=clone(predictor.estimator).fit(numbers, answers))
    return estimated


def answered(answer: Answer, predictions: NDArray[Any], actual: Floats) -> Rows:
    """Set answers, as an endpoint would say them, beside the actual targets."""
    fields = [list(map(str, answer.response_fields(prediction).values())) for prediction in predictions]
    scores = np.array([answer.scores(texts) for texts in fields])
    predicted = np.array([answer.encode(texts[-1]) for texts in fields])
    return Rows(actual, predicted, scores[:, 0] if scores.shape[1] == 1 else scores)


def _over_all(task: str, aged: Rows, anew: list[tuple[NDArray[np.intp], Rows | None]], seed: int) -> dict[str, Any]:
    """Measure both over all periods in which something was learnt, on the same rows."""
    known = [(at, rows) for at, rows in anew if rows is not None]
    if not known:
        return {}
    at = np.concatenate([places for places, _ in known])
    rows = Rows(
        *(np.concatenate([getattr(period, name) for _, period in known]) for name in ("actual", "predicted", "score"))
    )
    resampling = intervals.resample(task, [rows, aged.at(at)], seed)
    metrics = {}
    for pair in differences(resampling):
        numbers = {
            "aged": pair.champion,
            "anew": pair.challenger,
            "difference": pair.value,
            "low": pair.low,
            "high": pair.high,
        }
        metrics[pair.metric] = {name: or_null(value) for name, value in numbers.items()}
    return {"rows": len(rows), "metrics": metrics}
