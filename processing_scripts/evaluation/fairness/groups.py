"""Rates of each group of the test rows with their intervals, and how far the groups are apart.

Of two labels: how often the positive one is predicted, of all rows of a group, of those that are positive and of those
that are not. Of several classes: how often the class is right, and the same three rates of each class against the rest.
Of numbers: the mean error, predicted minus true. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-post-training-bias.html (DPPL, DI and the
differences of recall and of false positive rates are gaps and a ratio of these); Wilson (1927); Newcombe (1998), method
10, https://doi.org/10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from evaluation import formulas, metrics
from evaluation.classes.formulas import against_rest
from evaluation.comparison import or_null
from evaluation.formulas import Mean
from evaluation.intervals import Z, wilson
from evaluation.rows import Rows
from evaluation.slices import REST, Slice


@dataclass(frozen=True)
class Measure:
    """What is measured of a group: a mean over some of its rows."""

    name: str
    mean: Mean
    share: bool = True  # from 0 to 1, so that a ratio of two says something


MEASURES: Mapping[str, tuple[Measure, ...]] = {
    metrics.BINARY: (
        Measure("selection_rate", Mean(formulas.predicted)),
        Measure("true_positive_rate", Mean(formulas.predicted, among=formulas.actual)),
        Measure("false_positive_rate", Mean(formulas.predicted, among=formulas.negative)),
    ),
    metrics.MULTICLASS: (Measure("accuracy", Mean(formulas.correct)),),
    metrics.REGRESSION: (Measure("mean_error", Mean(formulas.error), share=False),),
}


class Measured(NamedTuple):
    """A measure of one group: its value with the ends of its interval, and over how many of the group's rows."""

    value: float
    low: float
    high: float
    rows: int

    def document(self, least: int) -> dict[str, Any]:
        """Serialize as JSON; what fewer than ``least`` rows say is not judged."""
        ends = {name: or_null(number) for name, number in zip(("value", "low", "high"), self[:3], strict=True)}
        return ends | {"rows": self.rows, "judged": self.rows >= least}


def measured(measure: Measure, rows: Rows) -> Measured:
    """Measure a group's rows; NaN where the measure is not defined on them."""
    values = measure.mean.value(rows)[measure.mean.among(rows) > 0].astype(float)
    count = len(values)
    if not count:
        return Measured(math.nan, math.nan, math.nan, 0)
    value = float(values.mean())
    if measure.share:
        return Measured(value, *wilson(value, count), count)
    reach = Z * float(values.std(ddof=1)) / math.sqrt(count) if count > 1 else math.nan
    return Measured(value, value - reach, value + reach, count)


@dataclass(frozen=True)
class Spread:
    """The two groups that are furthest apart in a measure."""

    lowest: tuple[str, Measured]
    highest: tuple[str, Measured]

    @property
    def gap(self) -> float:
        """Subtract the lowest from the highest."""
        return self.highest[1].value - self.lowest[1].value

    @property
    def interval(self) -> tuple[float, float]:
        """Compute the gap's interval from those of the two groups."""
        low, high = self.lowest[1], self.highest[1]
        below = math.hypot(high.value - high.low, low.high - low.value)
        above = math.hypot(high.high - high.value, low.value - low.low)
        return self.gap - below, self.gap + above

    @property
    def ratio(self) -> float:
        """Divide the lowest by the highest; 1 where both are 0, and nobody is put behind."""
        return self.lowest[1].value / self.highest[1].value if self.highest[1].value else 1.0

    def document(self, *, share: bool) -> dict[str, Any]:
        """Serialize as JSON; only of shares there is a ratio."""
        low, high = self.interval
        known = {
            "gap": self.gap, "low": or_null(low), "high": or_null(high), "lowest": self.lowest[0],
            "highest": self.highest[0],
        }  # fmt: skip
        return known | ({"ratio": self.ratio} if share else {})


@dataclass(frozen=True)
class Compared:
    """The groups of one column, measured; smaller ones than ``least`` rows are shown and not judged.

    Where the measures are of one class against the rest, ``of_class`` is its name.
    """

    column: str
    least: int
    measures: tuple[Measure, ...]
    groups: tuple[tuple[Slice, Mapping[str, Measured]], ...]
    of_class: str = ""

    @staticmethod
    def of(column: str, groups: Iterable[Slice], task: str, rows: Rows, least: int) -> "Compared":
        """Measure each of a column's groups."""
        measures = MEASURES.get(task, ())
        by_group = tuple(
            (group, {measure.name: measured(measure, rows.at(group.which)) for measure in measures}) for group in groups
        )
        return Compared(column, least, measures, by_group)

    @staticmethod
    def of_classes(
        column: str, groups: Sequence[Slice], classes: Sequence[str], rows: Rows, least: int
    ) -> Iterator["Compared"]:
        """Measure each of a column's groups by each class against the rest, as by two labels."""
        for number, name in enumerate(classes):
            by_two = Compared.of(column, groups, metrics.BINARY, against_rest(rows, number), least)
            yield replace(by_two, of_class=name)

    def spread(self, measure: str) -> Spread | None:
        """Find the two groups that are furthest apart; None where fewer than two are judged."""
        judged = [
            (group.name, by_name[measure])
            for group, by_name in self.groups
            if group.name != REST and by_name[measure].rows >= self.least
        ]
        if len(judged) < 2:
            return None
        ordered = sorted(judged, key=lambda group: group[1].value)
        return Spread(ordered[0], ordered[-1])

    def small(self) -> list[str]:
        """Name the groups of which not every measure is judged."""
        return [
            group.name
            for group, by_name in self.groups
            if group.name != REST and any(rate.rows < self.least for rate in by_name.values())
        ]

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        groups = [
            {
                "group": group.name, "rows": group.rows,
                "measures": {name: rate.document(self.least) for name, rate in by_name.items()},
            }
            for group, by_name in self.groups
        ]  # fmt: skip
        spreads = {
            measure.name: spread.document(share=measure.share)
            for measure in self.measures
            if (spread := self.spread(measure.name))
        }
        named = {"class": self.of_class} if self.of_class else {}
        return {"column": self.column, **named, "least_rows": self.least, "groups": groups, "spread": spreads}


def documents(compared: Sequence[Compared]) -> dict[str, Any]:
    """Word what evaluation.json says of fairness; nothing where the model file asks for none."""
    return {"fairness": [column.document() for column in compared]} if compared else {}
