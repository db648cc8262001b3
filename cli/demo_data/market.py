"""A market that customers are asked about window by window, and that turns at a moment: seeded, so that it comes again.

A window's customers are new ones each time. What they are like never changes; who of them leaves does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cli.demo_data import customers
from cli.demo_data.texts import Texts

ID, TARGET = "customerID", "Churn"


@dataclass(frozen=True)
class Market:
    """``rows`` customers at first (window 0), and half as many in each window that follows."""

    seed: int
    rows: int
    turns_at: int | None  # the first window of the turned market; None: it never turns

    def window(self, number: int) -> dict[str, Texts]:
        """The customers of a window as texts by column, with what became of them."""
        half = self.rows // 2
        start, rows = (self.rows + (number - 1) * half, half) if number else (0, self.rows)
        return customers.columns(np.random.default_rng([self.seed, number]), start, rows, turned=self.turned(number))

    def truths(self, *numbers: int) -> dict[str, Texts]:
        """What became of the customers of some windows, by their ids."""
        windows = [self.window(number) for number in numbers]
        return {name: np.concatenate([window[name] for window in windows]) for name in (ID, TARGET)}

    def turned(self, number: int) -> bool:
        """Whether the market has turned by then."""
        return self.turns_at is not None and number >= self.turns_at


def asked(columns: Mapping[str, Texts]) -> dict[str, Texts]:
    """What is known of customers when they are asked about."""
    return {name: texts for name, texts in columns.items() if name != TARGET}
