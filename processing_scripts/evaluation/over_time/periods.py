"""The test rows of a split by time in consecutive periods: the model, which has learnt from rows before all of them, is
measured in each. What falls from one to the next is what its age costs. Nothing decides by it.

Source: Tashman (2000), Out-of-sample tests of forecasting accuracy, https://doi.org/10.1016/S0169-2070(00)00065-0
(a fixed origin, and ever longer horizons)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from data.splitting import time_cut
from features.derived import day
from numpy.typing import NDArray

from evaluation import intervals
from evaluation.comparison import or_null
from evaluation.rows import Rows


def documents(config: Mapping[str, Any], test: HeldOut, rows: Rows, seed: int) -> dict[str, Any]:
    """Word each period as JSON: from when on, how many rows, and each metric with its interval; nothing where the model
    file asks for none. Where the data are sensitive no moment is named.
    """
    count, by = config.get("split", {}).get("periods"), config.get("split", {}).get("by")
    if not count or not by:
        return {}
    marks, texts = frozenset(config["data"]["missing"]), test.column(by)
    rule = ColumnRule.parse(config["data"]["columns"].get(by, "date"), marks)
    moments = np.array([time_cut.moment(text, rule.date_format) for text in texts])
    dates, named = any(day(text, rule.date_format) for text in texts), not config["data"].get("sensitive", False)
    listed = []
    for which in parts(moments, int(count)):
        begins = {"from": time_cut.text(float(moments[which].min()), dates=dates)} if named else {}
        listed.append(begins | measured(config["task"], rows.at(which), seed))
    return {"periods": listed}


def parts(moments: NDArray[np.float64], count: int) -> Iterator[NDArray[np.bool_]]:
    """Mark the rows of each of ``count`` periods of about as many rows; rows of one moment are in one period, so that
    few moments make fewer of them.
    """
    of_row = time_cut.periods(moments, count)
    for period in range(int(of_row.max()) + 1):
        yield of_row == period


def measured(task: str, rows: Rows, seed: int) -> dict[str, Any]:
    """Measure rows: how many they are, and each metric with its interval."""
    resampling = intervals.resample(task, [rows], seed)
    return {"rows": len(rows), "metrics": _with_intervals(resampling, resampling.values[0].tolist())}


def _with_intervals(resampling: intervals.Resampling, values: Sequence[float]) -> dict[str, Any]:
    measured = {}
    for name, value in zip(resampling.names, values, strict=True):
        low, high = resampling.interval(name)
        measured[name] = {"value": or_null(value), "low": or_null(low), "high": or_null(high)}
    return measured
