"""Fates: what becomes of a pipeline and of the version that it registers, drawn by name: no fault changes it."""

from __future__ import annotations

import re
from enum import StrEnum
from random import Random
from typing import NamedTuple

RUN = re.compile(r"/([^/]+-\d{8}t\d{6}-\w{6})/")


class Ending(StrEnum):
    """How a pipeline ends."""

    PASSES = "passes"
    REFUSED = "the gate is not passed"
    FAILS = "a step fails"
    REFUSES = "a job refuses the newest of its files"


class Container(StrEnum):
    """What a version's container does."""

    HEALTHY = "healthy"
    DEAD = "never starts"
    WRONG = "answers wrongly"
    BROKEN = "answers with errors"
    ALARMS = "trips the alarms of its deployment"

    @property
    def good(self) -> bool:
        """Whether it answers as it should."""
        return self in (Container.HEALTHY, Container.ALARMS)


class Fate(NamedTuple):
    """What is going to happen to one run."""

    ending: Ending
    pipeline_s: float
    container: Container
    shortages: int  # fleets for which AWS has no instances
    containers: int = 1  # of the version: two of an inference pipeline


class Fates:
    """The fates of a schedule."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[str, Fate] = {}

    def of_run(self, run: str) -> Fate:
        """A run's fate."""
        if run not in self._drawn:
            random = Random(f"{self._seed}/{run}")
            self._drawn[run] = Fate(
                random.choices(list(Ending), (8, 1, 1, 1))[0],
                random.choice((20.0, 300.0, 2500.0)) * (0.5 + random.random()),
                random.choices(list(Container), (12, 1.5, 1.5, 1, 1))[0],
                random.choices((0, 1, 2), (10, 1, 1))[0],
                random.choice((1, 2)),
            )
        return self._drawn[run]

    def of_artifact(self, url: str) -> Fate:
        """The fate of the run that made a model's artifact; somebody else's is healthy."""
        if "/foreign/" in url:
            return Fate(Ending.PASSES, 60, Container.HEALTHY, 0)
        found = RUN.search(url)
        assert found, url
        return self.of_run(found[1])
