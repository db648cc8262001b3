"""How far chance moves metrics, and differences of two models' metrics: the intervals of a paired bootstrap.

Test rows are drawn with replacement, every model is measured on the same draw, and the interval is the middle 95 % of
what comes of it. Of more than ``ROWS`` rows a seeded sample of so many is resampled, and the interval is narrowed by
the square root of the shares, so that a million rows cost no more than twenty thousand. The same seed gives the same
intervals. A share that is 0 or 1 is so in every draw: its interval is Wilson's.

Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 16; Bickel, Götze and van Zwet
(1997), Resampling fewer than n observations, https://www3.stat.sinica.edu.tw/statistica/oldpdf/A7n11.pdf; Wilson (1927)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evaluation import metrics
from evaluation.rows import Floats, Rows

RESAMPLES = 500
ROWS = 20_000
LEVEL = 0.95
Z = 1.959964  # of a normal distribution, LEVEL of which lies within so many deviations


class Interval(NamedTuple):
    """The ends of an interval; NaN where it is not defined."""

    low: float
    high: float


@dataclass(frozen=True)
class Resampling:
    """Metrics of one or two models on all test rows and on resampled ones.

    ``values`` and ``centres`` are ``(models, metrics)``: on all rows, and on the sample that is resampled; ``draws`` is
    ``(resamples, models, metrics)``; ``counted`` is ``(models, metrics)``: how many rows a share is of, 0 of others.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    centres: NDArray[np.float64]
    draws: NDArray[np.float64]
    counted: NDArray[np.intp]
    rows: int
    seed: int

    def interval(self, name: str, model: int = 0) -> Interval:
        """Compute the interval of a metric, within the metric's range."""
        at, metric = self.names.index(name), metrics.named(name)
        if self.counted[model, at] and self.values[model, at] in (0, 1):
            return wilson(self.values[model, at], int(self.counted[model, at]))
        low, high = self._interval(self.values[model, at], self.draws[:, model, at], self.centres[model, at])
        return Interval(max(low, metric.low), min(high, metric.high))

    def difference(self, name: str) -> Interval:
        """Compute the interval of the first model's metric minus the second's."""
        at = self.names.index(name)
        first, second = (values[..., at] for values in (self.draws[:, 0], self.draws[:, 1]))
        value, centre = (float(pair[0, at] - pair[1, at]) for pair in (self.values, self.centres))
        return self._interval(value, first - second, centre)

    def document(self) -> dict[str, Any]:
        """Describe the method as JSON."""
        return {
            "level": LEVEL, "resamples": RESAMPLES, "rows": min(self.rows, ROWS), "of": self.rows, "seed": self.seed,
        }  # fmt: skip

    def _interval(self, value: float, draws: Floats, centre: float) -> Interval:
        defined = draws[np.isfinite(draws)]
        if not len(defined):
            return Interval(math.nan, math.nan)
        narrowed = math.sqrt(min(self.rows, ROWS) / self.rows)
        low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Interval(float(value + narrowed * (low - centre)), float(value + narrowed * (high - centre)))


def wilson(share: float, rows: int) -> Interval:
    """Compute the interval of a share of ``rows``; it has a width also where the share is 0 or 1."""
    weight = Z**2 / rows
    middle = (share + weight / 2) / (1 + weight)
    reach = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return Interval(float(max(middle - reach, 0.0)), float(min(middle + reach, 1.0)))


def resample(task: str, models: Sequence[Rows], seed: int) -> Resampling:
    """Measure models on all rows, which are the same of each, and on ``RESAMPLES`` draws of them."""
    rows, rng = len(models[0]), np.random.default_rng(seed)
    names = tuple(metrics.of_task(task))
    sample = np.arange(rows) if rows <= ROWS else np.sort(rng.choice(rows, ROWS, replace=False))
    measures = [metrics.metric_function(task, model.at(sample)) for model in models]

    def measured(weights: Floats) -> list[list[float]]:
        return [[values[name] for name in names] for values in (measure(weights) for measure in measures)]

    size = len(sample)
    weights = (np.bincount(rng.integers(0, size, size), minlength=size).astype(float) for _ in range(RESAMPLES))
    whole = [metrics.unweighted(task, model) for model in models]
    counted = np.array([metrics.counted(task, model) for model in models])
    return Resampling(
        names, np.array([[of_model[name] for name in names] for of_model in whole]),
        np.array(measured(np.ones(size))), np.array([measured(weight) for weight in weights]), counted, rows, seed,
    )  # fmt: skip
