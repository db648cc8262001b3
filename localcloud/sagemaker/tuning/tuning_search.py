"""Which hyperparameters to try next, and which training is not worth its end. optuna draws; nothing here runs a job.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html
"""

from __future__ import annotations

import itertools
import statistics
import warnings
from collections.abc import Sequence
from typing import Any, Protocol

from localcloud.sagemaker.tuning.tuning_ranges import Numbers, Range, Words

FIRST_AT_RANDOM = 5  # draws before the Bayesian search starts to learn
JUDGES = 3  # finished trainings before one may be stopped early
REDUCTION = 3  # Hyperband keeps one in so many


class Search(Protocol):
    """A strategy. Trials are numbered from 0 in the order of ``propose``."""

    def propose(self) -> dict[str, str] | None:
        """The next trial's hyperparameters; None: there is nothing left to try."""
        ...

    def report(self, number: int, step: int, value: float) -> bool:
        """A running trial's objective after ``step`` of its reports (from 1); True: it is not worth going on."""
        ...

    def complete(self, number: int, value: float | None) -> None:
        """A trial has ended, with its objective (None: it has none)."""
        ...


class Grid:
    """Every combination of words, once."""

    def __init__(self, ranges: Sequence[Words]) -> None:
        self.names = [each.name for each in ranges]
        self.left = itertools.product(*(each.values for each in ranges))

    def propose(self) -> dict[str, str] | None:
        """The next combination."""
        following = next(self.left, None)
        return dict(zip(self.names, following, strict=True)) if following is not None else None

    def report(self, number: int, step: int, value: float) -> bool:
        """A grid stops nothing."""
        return False

    def complete(self, number: int, value: float | None) -> None:
        """A grid learns nothing."""


class Sampled:
    """Random, Bayesian or Hyperband search over ranges; the same seed draws the same trials when they run in turn."""

    def __init__(
        self, ranges: Sequence[Range], strategy: str, *, maximise: bool, seed: int | None, parallel: int,
        resources: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        import optuna  # here: a third of a second, and only who tunes pays it

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.ranges = {each.name: each for each in ranges}
        self.space = {each.name: _distribution(each) for each in ranges}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what we use of it is marked experimental
            sampler: Any = optuna.samplers.RandomSampler(seed=seed)
            if strategy == "Bayesian":
                sampler = optuna.samplers.TPESampler(
                    seed=seed, n_startup_trials=FIRST_AT_RANDOM, multivariate=True, constant_liar=parallel > 1
                )
            pruner: Any = optuna.pruners.NopPruner()
            if resources is not None:
                low, high = resources
                pruner = optuna.pruners.HyperbandPruner(low, high, REDUCTION)
        self.study = optuna.create_study(
            sampler=sampler, pruner=pruner, direction="maximize" if maximise else "minimize", study_name="tuning"
        )
        self.trials: list[Any] = []

    def propose(self) -> dict[str, str] | None:
        """Draw the next trial."""
        trial = self.study.ask(self.space)
        self.trials.append(trial)
        return {name: each.text(_undone(each, trial.params[name])) for name, each in self.ranges.items()}

    def report(self, number: int, step: int, value: float) -> bool:
        """Hyperband stops who is behind in its bracket."""
        trial = self.trials[number]
        trial.report(value, step)
        return bool(trial.should_prune())

    def complete(self, number: int, value: float | None) -> None:
        """Learn from an end."""
        import optuna

        state = optuna.trial.TrialState.COMPLETE if value is not None else optuna.trial.TrialState.FAIL
        self.study.tell(self.trials[number], value, state)


class Medians:
    """Early stopping: worse than the median of the others' running averages up to the same report."""

    def __init__(self, *, maximise: bool) -> None:
        self.sign = -1 if maximise else 1
        self.reports: dict[int, list[float]] = {}
        self.ended: set[int] = set()

    def report(self, number: int, step: int, value: float) -> bool:
        """Remember a report; True: stop this one."""
        self.reports.setdefault(number, []).append(value * self.sign)
        averages = [
            statistics.fmean(self.reports[other][:step])
            for other in self.ended
            if len(self.reports.get(other, ())) >= step
        ]
        return len(averages) >= JUDGES and value * self.sign > statistics.median(averages)

    def complete(self, number: int) -> None:
        """A trial has ended: from now on it judges."""
        self.ended.add(number)


def _distribution(each: Range) -> Any:
    import optuna

    if isinstance(each, Words):
        return optuna.distributions.CategoricalDistribution(each.values)
    log = each.scaling != "Linear"
    if each.whole:
        return optuna.distributions.IntDistribution(int(each.low), int(each.high), log=log)
    if each.scaling == "ReverseLogarithmic":
        return optuna.distributions.FloatDistribution(1 - each.high, 1 - each.low, log=True)
    return optuna.distributions.FloatDistribution(each.low, each.high, log=log)


def _undone(each: Range, value: Any) -> Any:
    if isinstance(each, Numbers) and each.scaling == "ReverseLogarithmic":
        return min(max(1 - value, each.low), each.high)
    return value
